import type { RedisConnection } from "@beamtime/redis";
import { RedisScript } from "./redis-script.js";
import { scanGuard } from "./scan-guard.js";

/** Sorted set of the scans that run, by the time of their last sign of life on the clock of the server. */
export const runningScans = "beamtime:running_scans";

/** Lua functions: the time of the server in seconds, and the note that a scan is alive. */
export const runningFunctions = `
local function now()
  local time = redis.call('TIME')
  return tonumber(time[1]) + tonumber(time[2]) / 1000000
end
local function beat(scan) redis.call('ZADD', '${runningScans}', now(), scan) end`;

/** Notes the scan again when the set was evicted. */
const beatScript = new RedisScript(`${scanGuard} ${runningFunctions}
if redis.call('XLEN', KEYS[1] .. '_end') == 0 then beat(KEYS[1]) end
return 1`);

/** Tells that a scan is alive. @throws an error of the guard when it is gone or was declared dead */
export async function beat(client: RedisConnection["client"], scan: string): Promise<void> {
  await beatScript.run(client, [scan], []);
}
