import type { ScanDataEvent } from "@beamtime/core";
import type { RedisConnection } from "@beamtime/redis";
import { argumentsPerEntry, bytesOf, type ChannelStream } from "./channel-stream.js";
import { RedisScript, type ScriptArgument } from "./redis-script.js";
import { scanGuard } from "./scan-guard.js";
import type { QueuedWrite } from "./write-queue.js";

/**
 * KEYS: node of the scan, then the stream of each entry. ARGV: {@link argumentsPerEntry} of each.
 * An entry that is there already is what the script wrote before its answer was lost.
 */
const dataScript = new RedisScript(`${scanGuard}
for i = 2, #KEYS do
  local stream, at = KEYS[i], (i - 2) * ${argumentsPerEntry}
  local id, keep = ARGV[at + 1], ARGV[at + 5]
  local added
  if keep == '0' then
    added = redis.pcall('XADD', stream, id, '__EVENT__', 'CHANNELDATA',
      '__DESC__', ARGV[at + 2], '__NPOINTS__', ARGV[at + 3], '__DATA__', ARGV[at + 4])
  else
    added = redis.pcall('XADD', stream, 'MAXLEN', '~', keep, id, '__EVENT__', 'CHANNELDATA',
      '__DESC__', ARGV[at + 2], '__NPOINTS__', ARGV[at + 3], '__DATA__', ARGV[at + 4])
  end
  if added.err and #redis.call('XRANGE', stream, id, id) == 0 then return added end
end
return 1`);

/** Memory of an event beside its values. */
const eventOverhead = 200;

/** Data that goes to Redis in one command. */
export class DataWrite implements QueuedWrite {
  bytes = 0;
  readonly #scan: string;
  readonly #streams: readonly (ChannelStream | undefined)[];
  readonly #events: (ScanDataEvent[] | undefined)[] = []; // by channel
  #keys: string[] | undefined;
  readonly #args: ScriptArgument[] = [];

  /** @param streams of each channel; undefined for those whose values are not kept in Redis */
  constructor(scan: string, streams: readonly (ChannelStream | undefined)[]) {
    this.#scan = scan;
    this.#streams = streams;
  }

  /** Takes an event, before the first `send`. Returns the bytes it adds. */
  add(event: ScanDataEvent): number {
    const events = this.#events[event.channel];
    if (events) events.push(event);
    else this.#events[event.channel] = [event];
    const bytes = bytesOf(event) + eventOverhead;
    this.bytes += bytes;
    return bytes;
  }

  async send(client: RedisConnection["client"]): Promise<void> {
    await dataScript.run(client, this.#encode(), this.#args);
  }

  /** Once: what is sent again must be the same. */
  #encode(): string[] {
    if (this.#keys) return this.#keys;
    const keys = [this.#scan];
    for (const [channel, events] of this.#events.entries()) {
      if (events) this.#streams[channel]?.encode(events, keys, this.#args);
    }
    this.#events.length = 0;
    this.#keys = keys;
    return keys;
  }
}
