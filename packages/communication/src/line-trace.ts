import type { Clock } from "@beamtime/concurrency";
import { readableBytes } from "./readable-bytes.js";

/** Most bytes of one entry that are kept. */
const keptBytes = 1024;

/** One thing that happened on a line. */
export interface TraceEntry {
  /** Seconds since 1970-01-01 UTC. */
  readonly time: number;
  /** Name of the line. */
  readonly line: string;
  /** `note`: an event of the connection. */
  readonly kind: "sent" | "received" | "note";
  /** What went over the line, readable (`?POS 1\r`), cut when it is long; of a note its sentence. */
  readonly text: string;
}

/** Remembers the last entries of a line and hands on each. Listeners that throw are not called again. */
export class LineTrace {
  readonly #line: string;
  readonly #length: number;
  readonly #clock: Clock;
  readonly #kept: (() => TraceEntry)[] = [];
  readonly #listeners = new Set<(entry: TraceEntry) => void>();

  constructor(options: { line: string; length: number; clock: Clock }) {
    this.#line = options.line;
    this.#length = options.length;
    this.#clock = options.clock;
  }

  /** Oldest first. */
  get entries(): TraceEntry[] {
    return this.#kept.map((entry) => entry());
  }

  add(kind: TraceEntry["kind"], what: Uint8Array | string): void {
    if (this.#length === 0 && this.#listeners.size === 0) return;
    const [time, line] = [this.#clock.epoch(), this.#line];
    const size = what.length;
    // a copy, made readable only for those who look: a line is read far more often than its trace
    const kept = typeof what === "string" ? what : what.slice(0, keptBytes);
    const entry = (): TraceEntry => ({ time, line, kind, text: readable(kept, size) });
    if (this.#length > 0) this.#kept.push(entry);
    if (this.#kept.length > this.#length) this.#kept.shift();
    for (const listener of this.#listeners) {
      try {
        listener(entry());
      } catch {
        this.#listeners.delete(listener);
      }
    }
  }

  listen(listener: (entry: TraceEntry) => void): () => void {
    const own = (entry: TraceEntry): void => listener(entry);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }
}

function readable(kept: Uint8Array | string, size: number): string {
  if (typeof kept === "string") return kept;
  return size > kept.length ? `${readableBytes(kept)}… (${size} bytes)` : readableBytes(kept);
}

const arrows = { sent: "→", received: "←", note: "·" } as const;

/** An entry on one line, with the local time: `14:03:05.123 tcp://icepap1:5000 → ?POS 1\r`. */
export function formatTraceEntry({ time, line, kind, text }: TraceEntry): string {
  const date = new Date(time * 1000);
  const two = (number: number): string => String(number).padStart(2, "0");
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${clock}.${String(date.getMilliseconds()).padStart(3, "0")} ${line} ${arrows[kind]} ${text}`;
}
