import type { ChannelDescription, ScanDataEvent } from "@beamtime/core";
import {
  allocateData,
  type ChannelDataEncoder,
  channelDataEncoder,
  channelEntryId,
  encodeDescription,
  nodeKeys,
  type TypedArray,
} from "@beamtime/protocol";
import type { MemoryBudget } from "./memory-budget.js";
import { argument, type ScriptArgument } from "./redis-script.js";

/** Arguments of one entry: id, description, number of points, data, entries to keep. */
export const argumentsPerEntry = 5;

/** Points waiting together are merged into entries of at most this many bytes of data. */
const mergedBytes = 64 * 1024;

/** Memory of an entry beside its description and data: id, lengths, event type, share of the tree of nodes. */
const entryOverhead = 40;

/** Makes the stream entries of one channel. */
export class ChannelStream {
  /** Key of the stream. */
  readonly key: string;
  entries = 0;
  readonly #channel: ChannelDescription;
  readonly #description: Buffer;
  readonly #single: ChannelDataEncoder;
  readonly #block: ChannelDataEncoder;
  readonly #budget: MemoryBudget;

  constructor(dbName: string, channel: ChannelDescription, budget: MemoryBudget) {
    this.key = nodeKeys(dbName).data;
    this.#channel = channel;
    this.#budget = budget;
    this.#description = Buffer.from(encodeDescription(channel));
    // an encoder is fast while the number of points stays the same
    this.#single = this.#encoder(channel.shape);
    this.#block = this.#encoder(channel.shape);
  }

  /**
   * Adds the entries for events that waited together, in order. One event is one entry, as it was emitted; small
   * events without a gap between them share one. References are never shared: each is an entry of its own.
   */
  encode(events: readonly ScanDataEvent[], keys: string[], args: ScriptArgument[]): void {
    for (let from = 0; from < events.length; ) {
      const first = events[from];
      if (!first) return;
      let to = from + 1;
      let { npoints } = first;
      for (let next = events[to]; next && this.#fits(first, npoints, next); next = events[++to])
        npoints += next.npoints;
      if (this.#channel.reference) {
        for (let point = 0; point < npoints; point++)
          this.#add(first.first + point, 1, this.#value(first, point, 1), keys, args);
      } else {
        const event = to - from > 1 ? merge(this.#channel.dtype, events.slice(from, to), npoints) : first;
        this.#add(first.first, npoints, this.#value(event, 0, npoints), keys, args);
      }
      from = to;
    }
  }

  #fits(first: ScanDataEvent, npoints: number, next: ScanDataEvent): boolean {
    if (this.#channel.reference || next.first !== first.first + npoints) return false;
    if (!sameShape(first.pointShape, next.pointShape)) return false;
    return (npoints + next.npoints) * (bytesOf(next) / next.npoints) <= mergedBytes;
  }

  #value(event: ScanDataEvent, offset: number, npoints: number): Uint8Array {
    const { shape } = this.#channel;
    // points that vary in length are rare: an encoder for each
    if (!sameShape(event.pointShape, shape)) return this.#encoder(event.pointShape).encode(event.data, offset, npoints);
    return (npoints === 1 ? this.#single : this.#block).encode(event.data, offset, npoints);
  }

  #encoder(shape: readonly number[]): ChannelDataEncoder {
    return channelDataEncoder(this.#channel.dtype, shape, { reference: this.#channel.reference });
  }

  #add(first: number, npoints: number, data: Uint8Array, keys: string[], args: ScriptArgument[]): void {
    const keep = this.#budget.add(this, this.#description.length + data.length + entryOverhead);
    keys.push(this.key);
    args.push(channelEntryId(first), this.#description, String(npoints), argument(data), String(keep));
  }
}

/** Bytes of the values of an event. */
export function bytesOf({ data }: ScanDataEvent): number {
  if (!isTexts(data)) return data.byteLength;
  let bytes = 0;
  for (const text of data) bytes += 4 * text.length;
  return bytes;
}

function isTexts<Texts extends readonly string[]>(data: Texts | TypedArray): data is Texts {
  return Array.isArray(data);
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((length, axis) => length === b[axis]));
}

/** One event with the points of several. */
function merge(dtype: ChannelDescription["dtype"], events: readonly ScanDataEvent[], npoints: number): ScanDataEvent {
  const [first] = events as [ScanDataEvent, ...ScanDataEvent[]]; // the caller merges two or more
  let length = 0;
  for (const event of events) length += event.data.length;
  const data = allocateData(dtype, length);
  let at = 0;
  for (const event of events) {
    // both have the storage of the channel's dtype
    if (isTexts(data)) data.splice(at, event.data.length, ...(event.data as readonly string[]));
    else data.set(event.data as never, at);
    at += event.data.length;
  }
  return { ...first, npoints, data };
}
