import type { Buffer } from "node:buffer";
import { readFile, type Stats, stat } from "node:fs";
import { promisify } from "node:util";
import type { Clock } from "@beamtime/concurrency";
import { RequestError } from "./request-error.js";

/** A file changed less than this many seconds ago may change again without its time showing it: not kept. */
const settled = 2;
const largestKept = 256 * 1024;
const capacity = 32 * 1024 * 1024;

// cheaper than those of node:fs/promises, which open a handle
const lookAt: (path: string) => Promise<Stats> = promisify(stat);
const readWhole: (path: string) => Promise<Buffer> = promisify(readFile);

interface Kept {
  readonly stats: Stats;
  readonly content: Buffer;
}

/** A question to the file system that is under way, and the one that comes after it. */
interface Look {
  readonly over: Promise<unknown>;
  next?: Promise<Stats>;
}

/**
 * Reads files, and keeps the small ones as long as the file system says that they have not changed: one look at the
 * file instead of opening, reading and closing it, and one look for all who ask at once.
 */
export class FileCache {
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();
  readonly #looks = new Map<string, Look>();
  #size = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The whole content as it is when this is called, or later; not to be changed by the caller.
   *
   * @throws RequestError for what is no file or has more than `maxBytes`; the file system's error otherwise
   */
  async read(path: string, maxBytes: number): Promise<Buffer> {
    const stats = await this.#look(path);
    const kept = this.#kept.get(path);
    if (kept && isSame(kept.stats, stats)) return kept.content;
    // also because opening a pipe would wait for ever
    if (!stats.isFile()) throw new RequestError("it is not a file");
    if (stats.size > maxBytes) {
      throw new RequestError(`it has ${stats.size} bytes; at most ${maxBytes} are served`);
    }
    const content = await readWhole(path);
    this.#keep(path, { stats, content });
    return content;
  }

  /** Those who ask while a look is under way share the next, as the file may have changed since that one began. */
  #look(path: string): Promise<Stats> {
    const look = this.#looks.get(path);
    if (!look) return this.#begin(path);
    look.next ??= look.over.then(() => this.#begin(path));
    return look.next;
  }

  #begin(path: string): Promise<Stats> {
    const stats = lookAt(path);
    const over = stats.then(
      () => {},
      () => {}, // told to those who asked
    );
    const look: Look = { over };
    this.#looks.set(path, look);
    void over.then(() => {
      if (!look.next) this.#looks.delete(path);
    });
    return stats;
  }

  #keep(path: string, { stats, content }: Kept): void {
    const old = this.#kept.get(path);
    if (old) this.#drop(path, old);
    if (content.length > largestKept || this.#clock.epoch() - stats.mtimeMs / 1000 < settled) return;
    this.#kept.set(path, { stats, content });
    this.#size += content.length;
    for (const [oldest, kept] of this.#kept) {
      if (this.#size <= capacity) break;
      this.#drop(oldest, kept);
    }
  }

  #drop(path: string, { content }: Kept): void {
    this.#kept.delete(path);
    this.#size -= content.length;
  }
}

function isSame(a: Stats, b: Stats): boolean {
  return a.mtimeMs === b.mtimeMs && a.size === b.size && a.ino === b.ino && a.ctimeMs === b.ctimeMs && a.dev === b.dev;
}
