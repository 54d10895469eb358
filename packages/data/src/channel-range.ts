import { abortable } from "@beamtime/concurrency";
import type { Redis } from "ioredis";
import { ChannelBlocks, type ChannelPart } from "./channel-blocks.js";
import { indexAfter } from "./channel-entry.js";
import { readPages } from "./channel-pages.js";
import { idMilliseconds, type StreamEntry } from "./stream-entry.js";

interface Waiting {
  readonly signal?: AbortSignal | undefined;
}

/** Number of points that were written to the channel, those trimmed meanwhile included. */
export async function readLength(client: Redis, key: string, { signal }: Waiting): Promise<number> {
  const last = await lastEntry(client, key, "+", signal);
  return last ? indexAfter(last) : 0;
}

/** The part with the entry that holds the point `index`, -1 for the last; nothing where there is no such point. */
export async function readPoint(
  client: Redis,
  key: string,
  index: number,
  { signal }: Waiting,
): Promise<ChannelPart | undefined> {
  const entry = await lastEntry(client, key, index < 0 ? "+" : String(index + 1), signal);
  if (!entry || (index >= 0 && indexAfter(entry) <= index)) return undefined;
  const blocks = new ChannelBlocks();
  blocks.add([entry]);
  return blocks.take()[0];
}

/**
 * Reads the entries that hold the points `from` to `to`, both included, as far as they are written when the call begins.
 * Indices below 0 count from the end.
 *
 * @returns the parts in order, from the entry that holds `from` to the one that holds `to`; gaps where some were trimmed
 */
export async function readRange(
  client: Redis,
  key: string,
  from: number,
  to: number,
  { signal }: Waiting,
): Promise<{ readonly from: number; readonly to: number; readonly parts: readonly ChannelPart[] }> {
  const last = await lastEntry(client, key, "+", signal);
  const length = last ? indexAfter(last) : 0;
  const begin = Math.max(0, from < 0 ? length + from : from);
  const end = Math.min(length - 1, to < 0 ? length + to : to);
  if (!last || begin > end) return { from: begin, to: begin - 1, parts: [] };
  const holding = begin === 0 ? undefined : await lastEntry(client, key, String(begin + 1), signal);
  const start = holding && indexAfter(holding) > begin ? idMilliseconds(holding[0]) : begin + 1;
  const blocks = new ChannelBlocks(start - 1, end + 2 - start);
  for await (const page of readPages(client, key, { begin: start - 1, end, sample: last }, signal)) blocks.add(page);
  const parts = blocks.take();
  const { next: missing = 0 } = blocks;
  if (missing <= end) parts.push({ kind: "gap", from: missing, to: end });
  return { from: begin, to: end, parts };
}

/** The last entry whose id is not above `end`. */
async function lastEntry(
  client: Redis,
  key: string,
  end: string,
  signal: AbortSignal | undefined,
): Promise<StreamEntry | undefined> {
  const entries = await abortable(client.xrevrangeBuffer(key, end, "-", "COUNT", 1), signal);
  return entries[0];
}
