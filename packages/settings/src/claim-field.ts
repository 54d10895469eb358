import type { RedisConnection } from "@beamtime/redis";

/** KEYS: a hash. ARGV: pattern of other hashes, field, value. */
const claimSource = `
local cursor = '0'
repeat
  local page = redis.call('SCAN', cursor, 'MATCH', ARGV[1], 'COUNT', 1000)
  cursor = page[1]
  for _, key in ipairs(page[2]) do
    if key ~= KEYS[1] and redis.pcall('HGET', key, ARGV[2]) == ARGV[3] then return 0 end
  end
until cursor == '0'
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
return 1`;

/** Sets a field of a hash to a value, unless one of the hashes whose keys match `others` has it there. */
export async function claimField(
  client: RedisConnection["client"],
  key: string,
  others: string,
  [field, value]: readonly [string, Buffer],
): Promise<boolean> {
  return (await client.eval(claimSource, 1, key, others, field, value)) === 1;
}
