import { abortable, type Clock } from "@beamtime/concurrency";
import { ArgumentError, errorMessage } from "@beamtime/errors";
import { decodeInfo, encodeEndScan, encodeInfo, nodeKeys, pythonTimeText } from "@beamtime/protocol";
import type { RedisConnection } from "@beamtime/redis";
import { keysOf } from "./node-tree.js";
import { completeOptions, type PublisherOptions } from "./publisher-options.js";
import { argument, RedisScript } from "./redis-script.js";
import { runningFunctions, runningScans } from "./running-scans.js";
import { silenceField } from "./scan-guard.js";

/** A scan that was ended because its process is dead. */
export interface DeadScan {
  /** Key of its node. */
  readonly dbName: string;
  readonly name: string;
  readonly number: number;
  /** Data file; empty when the scan was not saved. */
  readonly filename: string;
  readonly session: string;
  /** Seconds since 1970, by the clock of the server. */
  readonly endTime: number;
}

export interface EndDeadScansOptions extends Pick<PublisherOptions, "nodeTtl" | "dataTtl" | "clock"> {
  /** To the data database; stays the caller's. */
  readonly connection: RedisConnection;
  /** Seconds without a sign of life after which a process is taken for dead. Default 15; a scan gives one every 5 s. */
  readonly staleSeconds?: number;
  /** Seconds between two looks. Default 4. */
  readonly intervalSeconds?: number;
  /** Called for each scan that this watcher has ended, one after the other, e.g. to complete its file; awaited in the end. */
  readonly onEnded?: (scan: DeadScan) => void | Promise<void>;
  /** Called with what went wrong; the watcher goes on. */
  readonly onWarning?: (message: string) => void;
}

/**
 * Ends the scans of processes that have died: readers get END_SCAN with
 * `<class 'beamtime.ProcessDied'>`, and find the state KILLED.
 *
 * Any number of watchers may look at one server; each scan is ended by one of them. A scan counts as dead when two looks
 * in a row find the same old sign of life: a server that hung itself does not make its scans look dead. Scans of BLISS,
 * and all that never gave a sign of life, are left alone. By default a scan ends 10 to 23 s after its process.
 *
 * @returns the watcher; dispose of it to stop looking
 * @throws ArgumentError when a number of seconds is not positive
 */
export function endDeadScans(options: EndDeadScansOptions): AsyncDisposable {
  const { staleSeconds = 15, intervalSeconds = 4 } = options;
  for (const [name, value] of Object.entries({ staleSeconds, intervalSeconds })) {
    if (!(value > 0)) throw new ArgumentError(name, `${name} is ${value}; expected a positive number`);
  }
  const { nodeTtl, dataTtl, clock } = completeOptions(options);
  const watcher = new Watcher({ ...options, staleSeconds, nodeTtl, dataTtl, clock });
  const ending = new AbortController();
  const watching = watcher.run(intervalSeconds, ending.signal);
  return {
    [Symbol.asyncDispose]: async () => {
      ending.abort(new Error("the watcher ends"));
      await watching;
    },
  };
}

/** What readers show as the end of a scan whose process has died: the text of a Python class, as for all scans. */
const deathText = "<class 'beamtime.ProcessDied'>";

/** ARGV: seconds. Answers the time, and the scans that are silent for longer, each followed by its last sign of life. */
const lookScript = new RedisScript(`${runningFunctions}
local time = now()
local silent = redis.call('ZRANGEBYSCORE', '${runningScans}', '-inf', time - tonumber(ARGV[1]), 'WITHSCORES')
return {string.format('%.6f', time), silent}`);

/**
 * Ends a scan unless it was heard of since, or has ended.
 *
 * KEYS: node of the scan, then its own keys. ARGV: last sign of life; seconds that nodes live, that data lives; field of
 * the data policy and the value with which a scan does not expire; number of fields of the info and their values, they;
 * fields of the end. Answers whether the scan was ended.
 */
const endScript = new RedisScript(`${runningFunctions}
local scan = KEYS[1]
local score = redis.call('ZSCORE', '${runningScans}', scan)
if not score or score ~= ARGV[1] then return 0 end
redis.call('ZREM', '${runningScans}', scan)
if redis.call('EXISTS', scan) == 0 or redis.call('XLEN', scan .. '_end') > 0 then return 0 end
local sets = tonumber(ARGV[6])
redis.call('HSET', scan .. '_info', unpack(ARGV, 7, 6 + sets))
local fields = {unpack(ARGV, 7 + sets)}
fields[#fields + 1] = '${silenceField}'
fields[#fields + 1] = string.format('%.0f', now() - tonumber(score))
redis.call('XADD', scan .. '_end', '*', unpack(fields))

local function expire(node, seconds)
  for _, suffix in ipairs({'', '_info', '_children_list', '_prepared', '_end', '_data', '_data_ref'}) do
    redis.call('EXPIRE', node .. suffix, seconds)
  end
end
local function expireBelow(node)
  for _, entry in ipairs(redis.call('XRANGE', node .. '_children_list', '-', '+')) do
    for i = 1, #entry[2], 2 do
      local child = entry[2][i + 1]
      if entry[2][i] == 'db_name' and string.sub(child, 1, #node + 1) == node .. ':' then
        expire(child, ARGV[3])
        if redis.call('EXISTS', child .. '_children_list') == 1 then expireBelow(child) end
      end
    end
  end
end
expireBelow(scan)
if redis.call('HGET', scan .. '_info', ARGV[4]) ~= ARGV[5] then
  local node = scan
  while node do
    expire(node, ARGV[2])
    node = redis.call('HGET', node, 'parent')
  end
end
return 1`);

interface WatcherOptions extends EndDeadScansOptions {
  readonly staleSeconds: number;
  readonly nodeTtl: number;
  readonly dataTtl: number;
  readonly clock: Clock;
}

class Watcher {
  readonly #options: WatcherOptions;
  readonly #client: RedisConnection["client"];
  /** Scans that the last look found silent, with their last signs of life. */
  #silent: ReadonlyMap<string, string> = new Map();
  #hasWarned = false;
  #following = Promise.resolve();

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#client = options.connection.client;
  }

  async run(interval: number, signal: AbortSignal): Promise<void> {
    const { clock, connection, onWarning } = this.#options;
    while (!signal.aborted) {
      try {
        await abortable(this.#look(), signal);
        this.#hasWarned = false;
      } catch (error) {
        if (!signal.aborted && !this.#hasWarned) {
          onWarning?.(`Redis at ${connection.address} does not tell which scans run: ${errorMessage(error)}`);
          this.#hasWarned = true;
        }
      }
      await clock.sleep(interval, { signal }).catch(() => {});
    }
    await this.#following;
  }

  async #look(): Promise<void> {
    const { staleSeconds } = this.#options;
    // the script answers so
    const answer = (await lookScript.run(this.#client, [], [String(staleSeconds)])) as [string, string[]];
    const [time, found] = answer;
    const silent = new Map<string, string>();
    for (let at = 0; at + 1 < found.length; at += 2) silent.set(found[at] ?? "", found[at + 1] ?? "");
    const dead = [...silent].filter(([dbName, lastSign]) => this.#silent.get(dbName) === lastSign);
    this.#silent = silent;
    const ended: DeadScan[] = [];
    for (const [dbName, lastSign] of dead) {
      if (await this.#end(dbName, lastSign, Number(time))) ended.push(await this.#describe(dbName, Number(time)));
    }
    for (const scan of ended) this.#following = this.#following.then(() => this.#follow(scan));
  }

  /** Others are looked for meanwhile: a file may take long. */
  async #follow(scan: DeadScan): Promise<void> {
    const { onEnded, onWarning } = this.#options;
    try {
      await onEnded?.(scan);
    } catch (error) {
      onWarning?.(`${scan.dbName} was ended, but what follows failed: ${errorMessage(error)}`);
    }
  }

  async #end(dbName: string, lastSign: string, time: number): Promise<boolean> {
    const { nodeTtl, dataTtl } = this.#options;
    const info = encodeInfo({
      end_time: new Date(time * 1000),
      end_time_str: pythonTimeText(time),
      end_timestamp: time,
      state: "KILLED",
    }).flat();
    const policy = encodeInfo({ data_policy: "ESRF" }).flat();
    const args: (string | Uint8Array)[] = [lastSign, String(nodeTtl), String(dataTtl), ...policy];
    args.push(String(info.length), ...info, ...encodeEndScan(time, deathText));
    const keys = keysOf({ dbName, type: "scan" });
    return (await endScript.run(this.#client, keys, args.map(argument))) === 1;
  }

  async #describe(dbName: string, endTime: number): Promise<DeadScan> {
    const [name, fields] = await Promise.all([
      this.#client.hget(dbName, "name"),
      this.#client.hgetallBuffer(nodeKeys(dbName).info),
    ]);
    const { scan_nb, save, filename, session_name } = decodeInfo(fields).values;
    return {
      dbName,
      name: (name ?? "").replace(/^_?\d+_/, ""),
      number: Number(scan_nb),
      filename: save === true && typeof filename === "string" ? filename : "",
      session: typeof session_name === "string" ? session_name : "",
      endTime,
    };
  }
}
