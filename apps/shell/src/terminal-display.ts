import type { Writable } from "node:stream";
import { styleText } from "node:util";
import type { Clock } from "@beamtime/concurrency";
import type {
  ScanCreatedEvent,
  ScanDevicesEvent,
  ScanEvent,
  ScanSink,
  ScanSinkContext,
  ScanSinkFactory,
} from "@beamtime/core";
import { PointQueue } from "./point-queue.js";
import { countLines, footer, isCounter, isNumber, ScanTable, textOf } from "./scan-table.js";

/** Seconds between two writings: what comes meanwhile is written together. */
const period = 0.05;
/** So many points may wait for a slow terminal; older ones are then left out, which is said. */
const maxWaiting = 5000;

/**
 * Shows scans on a terminal: a table with a row for each complete point, or the values of a `ct`. It only takes note
 * of events; a task of its own writes, at most twenty times a second, and waits while the stream is full. A scan never
 * waits for it.
 */
export function terminalDisplay(stream: Writable & { readonly isTTY?: boolean }): ScanSinkFactory {
  return { name: "display", required: false, open: (context) => new TerminalDisplay(stream, context) };
}

class TerminalDisplay implements ScanSink {
  readonly #stream: Writable & { readonly isTTY?: boolean };
  readonly #clock: Clock;
  readonly #hurry = new AbortController();
  #writing: Promise<void> | undefined;
  #created: ScanCreatedEvent | undefined;
  #devices: ScanDevicesEvent | undefined;
  #table: ScanTable | undefined;
  /** By channel; those without a column have none. */
  readonly #queues: (PointQueue | undefined)[] = [];
  #row = 0;
  #leftOut = 0;
  /** Text that is to be written before the rows, and after them. */
  #before = "";
  #after = "";

  constructor(stream: Writable & { readonly isTTY?: boolean }, { clock }: ScanSinkContext) {
    this.#stream = stream;
    this.#clock = clock;
  }

  push(event: ScanEvent): void {
    switch (event.type) {
      case "created":
        this.#created = event;
        return;
      case "devices":
        this.#announce(event);
        break;
      case "data": {
        const queue = this.#queues[event.channel];
        if (!queue) return;
        queue.push(event.first, event.data);
        if (queue.end - this.#row > maxWaiting) this.#leaveOut();
        break;
      }
      case "warning":
        this.#after += `   ${event.source}: ${event.message}\n`;
        break;
      case "ended":
        this.#after += this.#ending(event.time, event.reason);
        break;
      case "state":
      case "prepared":
      case "deviceEnd":
      case "info":
        return;
    }
    this.#writing ??= this.#write();
  }

  async flush({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    this.#hurry.abort();
    while (this.#writing && !signal?.aborted) await this.#writing;
  }

  async close(): Promise<void> {
    this.#hurry.abort();
  }

  get #isCount(): boolean {
    return this.#created?.info["type"] === "ct";
  }

  #announce(event: ScanDevicesEvent): void {
    this.#devices = event;
    this.#table = new ScanTable(event);
    for (const { channel } of this.#table.columns) this.#queues[channel] = new PointQueue();
    if (this.#created && !this.#isCount) this.#before += this.#bold(this.#table.header(this.#created));
  }

  /** The complete rows that have come since the last time. */
  #rows(): string {
    const table = this.#table;
    if (!table || this.#isCount) return "";
    let text = this.#leftOut > 0 ? `     ...  ${this.#leftOut} points not shown: the terminal is too slow\n` : "";
    this.#leftOut = 0;
    for (const end = this.#complete(); this.#row < end; this.#row += 1) {
      const values = table.columns.map(({ channel }) => this.#queues[channel]?.take(this.#row) ?? Number.NaN);
      text += table.row(this.#row, values);
    }
    return text;
  }

  /** Index after the last point that all columns have. */
  #complete(): number {
    let end = Number.POSITIVE_INFINITY;
    for (const queue of this.#queues) if (queue) end = Math.min(end, queue.end);
    return Number.isFinite(end) ? end : 0;
  }

  #leaveOut(): void {
    const end = this.#complete();
    this.#leftOut += Math.max(0, end - this.#row);
    this.#row = Math.max(this.#row, end);
    for (const queue of this.#queues) queue?.drop(this.#row);
  }

  #ending(time: number, reason: "SUCCESS" | "USER_ABORT" | "FAILURE"): string {
    if (!this.#created) return "";
    if (!this.#isCount) return this.#table ? footer(time - this.#created.time, reason) : "";
    const { info } = this.#created;
    const counters = (this.#devices?.channels ?? []).flatMap((channel, index) => {
      const queue = this.#queues[index];
      return queue && queue.end > 0 && isNumber(channel) && isCounter(channel)
        ? [{ channel, value: queue.take(queue.end - 1) }]
        : [];
    });
    if (counters.length === 0) return "";
    return `\n${textOf(info["start_time_str"])}\n\n${countLines(counters, Number(info["count_time"]))}\n`;
  }

  async #write(): Promise<void> {
    await this.#pause(0);
    for (;;) {
      const text = `${this.#before}${this.#rows()}${this.#after}`;
      this.#before = "";
      this.#after = "";
      if (text === "" || this.#stream.destroyed) break;
      // the callback comes when the stream has passed the text on, or has failed, which is not the scan's concern
      await new Promise<void>((resolve) => this.#stream.write(text, () => resolve()));
      await this.#pause(period);
    }
    this.#writing = undefined;
  }

  async #pause(seconds: number): Promise<void> {
    const { signal } = this.#hurry;
    if (!signal.aborted) await this.#clock.sleep(seconds, { signal }).catch(() => {});
  }

  #bold(text: string): string {
    if (!this.#stream.isTTY) return text;
    return text.replace(/\*\* .* \*\*/, (title) => styleText("bold", title));
  }
}
