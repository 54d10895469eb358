import { abortable } from "@beamtime/concurrency";
import type { Redis } from "ioredis";
import { entryBytes, idMilliseconds, type StreamEntry } from "./stream-entry.js";

/** What one reply should bring: enough to be fast, little enough to be decoded while the next ones are on their way. */
const pageBytes = 2 * 1024 * 1024;
const longestPage = 512;

/** Entries of a page that only looks how far entries lie apart. */
const shortPage = 16;

/** Replies on their way while one is decoded. */
const mostPending = 2;

/**
 * Reads the entries of a channel whose first points lie from `begin` to `end`, page by page, in order.
 *
 * Ids are indices: once a page has told how far entries lie apart, the next ones are asked for before it is known where
 * this one ends. Where entries lie closer, or there is a hole, the reading begins anew behind what it has.
 *
 * @param sample an entry of the channel: its size bounds the first page
 */
export async function* readPages(
  client: Redis,
  key: string,
  { begin, end, sample }: { readonly begin: number; readonly end: number; readonly sample: StreamEntry },
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly StreamEntry[], void> {
  const fetch = (first: number, last: number, count: number): Promise<StreamEntry[]> =>
    abortable(client.xrangeBuffer(key, first + 1, last + 1, "COUNT", count), signal);
  let count = Math.min(shortPage, pageLength(sample));
  for (let next = begin; next <= end; ) {
    const page = await fetch(next, end, count);
    const [first, last] = [page[0], page.at(-1)];
    if (!first || !last) return;
    count = pageLength(last);
    next = idMilliseconds(last[0]);
    const step = (next - idMilliseconds(first[0])) / Math.max(1, page.length - 1);
    const span = Math.max(1, Math.ceil(step * count));
    const most = 2 * count;
    const pending: { readonly end: number; readonly page: Promise<StreamEntry[]> }[] = [];
    let asked = next;
    const ask = (): void => {
      while (pending.length < mostPending && asked <= end) {
        const part = {
          end: Math.min(end, asked + span - 1),
          page: fetch(asked, Math.min(end, asked + span - 1), most),
        };
        part.page.catch(() => {}); // told to whoever awaits the page, and nobody may
        pending.push(part);
        asked = part.end + 1;
      }
    };
    ask();
    yield page;
    for (let part = pending.shift(); part; part = pending.shift()) {
      const entries = await part.page;
      const lastEntry = entries.at(-1);
      if (!lastEntry) break;
      ask();
      yield entries;
      next = entries.length < most ? part.end + 1 : idMilliseconds(lastEntry[0]);
      if (next <= part.end) break;
    }
  }
}

function pageLength(entry: StreamEntry): number {
  return Math.max(1, Math.min(longestPage, Math.floor(pageBytes / entryBytes(entry))));
}
