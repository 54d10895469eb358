import type { ScanInfo } from "@beamtime/core";
import { type EventFields, encodeInfo } from "@beamtime/protocol";
import type { RedisConnection } from "@beamtime/redis";
import { argument, RedisScript, type ScriptArgument } from "./redis-script.js";
import { runningScans } from "./running-scans.js";
import { scanGuard } from "./scan-guard.js";

/**
 * KEYS: node, its info and, when an event follows, the stream of that event, which takes one only: the script may be
 * sent again when its answer was lost. The scan whose end it is no longer counts as running.
 * ARGV: number of fields and values, they; number of fields to remove, they; fields of the event
 */
const infoScript = new RedisScript(`${scanGuard}
local at = 0
local function take(n) at = at + n; return unpack(ARGV, at - n + 1, at) end
local sets = tonumber(take(1))
if sets > 0 then redis.call('HSET', KEYS[2], take(sets)) end
local removals = tonumber(take(1))
if removals > 0 then redis.call('HDEL', KEYS[2], take(removals)) end
if KEYS[3] and redis.call('XLEN', KEYS[3]) == 0 then redis.call('XADD', KEYS[3], '*', take(#ARGV - at)) end
if KEYS[3] == KEYS[1] .. '_end' then redis.call('ZREM', '${runningScans}', KEYS[1]) end
return 1`);

/** What of an info is to be written. */
export interface InfoChanges {
  /** Fields and their pickles in turn. */
  readonly sets: readonly ScriptArgument[];
  readonly removals: readonly string[];
}

/** An event and the stream that takes it. */
export interface StreamEvent {
  readonly stream: string;
  readonly fields: EventFields;
}

/** Knows what the info of a scan is in Redis, and tells what has to be written to make it another. */
export class InfoState {
  readonly #written = new Map<string, Buffer>();

  /** Notes what the node was created with. */
  begin(info: ScanInfo): void {
    for (const [field, bytes] of encodeInfo(info)) this.#written.set(field, Buffer.from(bytes));
  }

  /** What differs from what was written before. A value of null removes its field, as in BLISS. */
  changesTo(info: ScanInfo): InfoChanges {
    const sets: ScriptArgument[] = [];
    const removals: string[] = [];
    for (const [field, encoded] of encodeInfo(info)) {
      const bytes = argument(encoded) as Buffer; // of bytes it makes bytes
      if (info[field] === null) {
        if (this.#written.delete(field)) removals.push(field);
      } else if (!this.#written.get(field)?.equals(bytes)) {
        this.#written.set(field, bytes);
        sets.push(field, bytes);
      }
    }
    return { sets, removals };
  }
}

/**
 * Changes the info of a node and adds an event to a stream of it, in one step: who sees the event sees the info.
 *
 * @throws an error that begins with `SCANLOST` when the node is gone
 */
export async function writeInfo(
  client: RedisConnection["client"],
  keys: { readonly struct: string; readonly info: string },
  { sets, removals }: InfoChanges,
  event: StreamEvent | undefined,
): Promise<void> {
  const args = [String(sets.length), ...sets, String(removals.length), ...removals];
  if (event) args.push(...event.fields.map(argument));
  await infoScript.run(client, [keys.struct, keys.info, ...(event ? [event.stream] : [])], args);
}
