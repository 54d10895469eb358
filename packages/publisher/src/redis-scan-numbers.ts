import { abortable } from "@beamtime/concurrency";
import { decodeInfo, encodeInfo, nodeKeys } from "@beamtime/protocol";
import type { RedisConnection } from "@beamtime/redis";
import { container, ensureContainers } from "./container-nodes.js";
import { PublisherError } from "./publisher-error.js";
import { argument, RedisScript } from "./redis-script.js";

/** What the next scan is going to be. */
export interface ScanNumberRequest {
  /** Node names from the session down to the parent of the scan. */
  readonly parentPath: readonly string[];
  readonly saved: boolean;
  /**
   * Last number in the data file of a saved scan. Asked only where Redis knows no number for the parent, so that a file
   * goes on where it ended. Left out where each scan has a file of its own.
   */
  readonly lastInFile?: () => Promise<number>;
  readonly signal?: AbortSignal | undefined;
}

/** Gives every scan below one parent a number of its own, in all sessions that share the server. */
export interface ScanNumbers {
  /**
   * Takes the next number. Saved scans and the others count separately, from 1.
   *
   * @throws PublisherError when the newest scan below the parent was published by another system than Beamtime: two
   *   systems must not count in one place
   * @throws what the connection or `lastInFile` throws, or the signal's reason
   */
  next(request: ScanNumberRequest): Promise<number>;
}

/** The info field that tells who publishes a scan, and what our scans have there. */
const [[publisherField, ourPublisher] = ["", new Uint8Array()]] = encodeInfo({ publisher: "Beamtime" });

/** Newest children of the parent among which to look for a scan. */
const lookedAt = 10;

/**
 * KEYS: parent, its children. ARGV: field of the number, whether only to go on from a number that is there, field of
 * the publisher, bytes of ours. Answers the number, 0 when there is none to go on from, or the newest scan when
 * somebody else published it.
 */
const takeScript = new RedisScript(`
local function take()
  if ARGV[2] == 'known' and redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 0 end
  return redis.call('HINCRBY', KEYS[1], ARGV[1], 1)
end
for _, entry in ipairs(redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', ${lookedAt})) do
  local fields = entry[2]
  for i = 1, #fields, 2 do
    local type = fields[i] == 'db_name' and redis.call('HGET', fields[i + 1], 'node_type')
    if type == 'scan' or type == 'scan_group' then
      local publisher = redis.call('HGET', fields[i + 1] .. '${nodeKeys("").info}', ARGV[3])
      if publisher and publisher ~= ARGV[4] then return fields[i + 1] end
      return take()
    end
  end
end
return take()`);

/**
 * Numbers counted in the node of the parent, which is created if need be. The connection stays the caller's.
 *
 * @see BLISS `blissdata/data/nodes/scan.py`: fields `last_scan_number` and `last_shadow_scan_number`
 */
export function redisScanNumbers(connection: RedisConnection): ScanNumbers {
  const { client, address } = connection;
  const foreign = async (parent: string, scan: string): Promise<PublisherError> => {
    const field = await client.hgetBuffer(nodeKeys(scan).info, publisherField);
    const { publisher } = decodeInfo(field ? { publisher: field } : {}).values;
    const system = typeof publisher === "string" ? publisher : "another system";
    return new PublisherError(
      `${system} counts scans in ${parent} of Redis at ${address}, its newest is ${scan}: two systems must not share a place; give Beamtime another template, base_path or dataset`,
      { scan: undefined, address },
    );
  };
  const count = async (parent: string, field: string, which: "known" | "any"): Promise<number> => {
    const keys = [parent, nodeKeys(parent).children];
    const answer = await takeScript.run(client, keys, [field, which, publisherField, argument(ourPublisher)]);
    if (typeof answer !== "number") throw await foreign(parent, String(answer));
    return answer;
  };
  const take = async ({ parentPath, saved, lastInFile }: ScanNumberRequest): Promise<number> => {
    const parent = parentPath.join(":");
    const field = saved ? "last_scan_number" : "last_shadow_scan_number";
    // neither waits for the other: one answer's time for both
    const [known] = await Promise.all([
      count(parent, field, saved && lastInFile ? "known" : "any"),
      ensureContainers(connection, parentPath.map(container)),
    ]);
    if (known > 0 || !lastInFile) return known;
    const number = (await lastInFile()) + 1;
    if ((await client.hsetnx(parent, field, number)) === 1) return number;
    return count(parent, field, "any");
  };
  return { next: (request) => abortable(take(request), request.signal) };
}
