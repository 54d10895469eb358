import { abortable } from "@beamtime/concurrency";
import type { Redis } from "ioredis";
import { entryBytes, type StreamEntry } from "./stream-entry.js";

/** How far a stream has been read. */
export interface StreamCursor {
  readonly key: string;
  /** Id of the last entry read; `0` before the first. */
  id: string;
  /** Is not read any more: unwanted, or the key is no stream. */
  isClosed?: boolean;
}

/** The next entries of one stream. */
export interface StreamPage<Cursor extends StreamCursor> {
  readonly cursor: Cursor;
  readonly entries: readonly StreamEntry[];
  /** There may be more to read at once. */
  readonly isFull: boolean;
}

/** Bytes that a reply may have: more makes the next one shorter. */
const longestReply = 4 * 1024 * 1024;
const mostEntries = 2048;

/**
 * Reads many streams at once, on a connection that nobody else uses: it may block. Nothing is written.
 *
 * A reply is about 4 MiB at most: the number of entries that is asked of each stream follows their size.
 */
export class StreamReader {
  readonly #client: Redis;
  readonly #signal: AbortSignal;
  /** Entries that the next reply may have of each stream. */
  #count = 16;

  constructor(client: Redis, signal: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
  }

  /**
   * Reads what follows each cursor and moves the cursors on. The reply is one moment of the server: whatever was
   * written before an entry in it is in it too, except beyond a full page.
   *
   * @param blockMs waits that long while there is nothing; undefined does not wait
   * @throws the signal's reason, RedisError or what ioredis throws when the server is gone for good
   */
  async read<Cursor extends StreamCursor>(cursors: readonly Cursor[], blockMs?: number): Promise<StreamPage<Cursor>[]> {
    const open = cursors.filter(({ isClosed }) => !isClosed);
    if (open.length === 0) return [];
    const count = this.#count;
    const block = blockMs === undefined ? [] : ["BLOCK", blockMs];
    const streams = [...open.map(({ key }) => key), ...open.map(({ id }) => id)];
    let reply: unknown;
    try {
      reply = await this.#call("XREAD", ["COUNT", count, ...block, "STREAMS", ...streams]);
    } catch (error) {
      if (!isWrongType(error)) throw error;
      await this.#closeOthers(open);
      return this.read(cursors, blockMs);
    }
    // XREAD answers null or [key, entries] for each stream that has any, in the order asked for.
    const found = (reply ?? []) as [key: Buffer, entries: StreamEntry[]][];
    return this.#pages(open, found, count);
  }

  #pages<Cursor extends StreamCursor>(
    cursors: readonly Cursor[],
    found: readonly [key: Buffer, entries: StreamEntry[]][],
    count: number,
  ): StreamPage<Cursor>[] {
    const pages: StreamPage<Cursor>[] = [];
    let bytes = 0;
    let position = 0;
    for (const [keyBytes, entries] of found) {
      const key = keyBytes.toString();
      while (position < cursors.length && cursors[position]?.key !== key) position++;
      const cursor = cursors[position];
      const last = entries.at(-1);
      if (!cursor || !last) continue;
      cursor.id = last[0].toString();
      for (const entry of entries) bytes += entryBytes(entry);
      pages.push({ cursor, entries, isFull: entries.length >= count });
    }
    if (bytes > longestReply) this.#count = Math.max(1, Math.floor((count * longestReply) / bytes));
    else if (bytes < longestReply / 4 && pages.some(({ isFull }) => isFull)) {
      this.#count = Math.min(mostEntries, 2 * count);
    }
    return pages;
  }

  /** Names of keys are ambiguous: a node may have the name of a stream of another. */
  async #closeOthers(cursors: readonly StreamCursor[]): Promise<void> {
    for (const cursor of cursors) {
      const type = String(await this.#call("TYPE", [cursor.key]));
      cursor.isClosed = type !== "stream" && type !== "none";
    }
  }

  #call(name: string, args: readonly (string | number)[]): Promise<unknown> {
    return abortable(this.#client.callBuffer(name, [...args]), this.#signal);
  }
}

function isWrongType(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("WRONGTYPE");
}
