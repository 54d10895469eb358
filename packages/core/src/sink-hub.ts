import { abortable, type Clock } from "@beamtime/concurrency";
import { errorMessage } from "@beamtime/errors";
import type { ScanEvent } from "./scan-event.js";
import type { ScanSink, ScanSinkFactory } from "./scan-sink.js";
import { together } from "./together.js";

interface OpenSink {
  readonly factory: ScanSinkFactory;
  sink: ScanSink;
  /** It has failed: a required sink still hears of the end, another one hears nothing more. */
  failed: boolean;
}

export interface SinkHubOptions {
  readonly clock: Clock;
  /** Told of the first failure of each required sink. */
  readonly fail: (error: unknown, sink: string) => void;
}

/** Hands every event of a scan to all its sinks, in order, and bears with those that fail. */
export class SinkHub {
  readonly #options: SinkHubOptions;
  readonly #sinks: OpenSink[] = [];
  readonly #queue: ScanEvent[] = [];
  #pressing: readonly ScanSink[] = [];
  #pushing = false;
  #closed = false;

  constructor(options: SinkHubOptions) {
    this.#options = options;
  }

  /** @throws what a required sink throws when it is opened */
  open(factories: readonly ScanSinkFactory[]): void {
    for (const factory of factories) {
      const open: OpenSink = { factory, sink: silentSink, failed: false };
      try {
        open.sink = factory.open({
          clock: this.#options.clock,
          fail: (error) => this.#fail(open, error),
          warn: (message) => this.warn(factory.name, message),
        });
        this.#sinks.push(open);
      } catch (error) {
        if (factory.required) throw error;
        this.warn(factory.name, `${factory.name} is not used: ${errorMessage(error)}`);
      }
    }
    this.#pressing = this.#sinks.map(({ sink }) => sink).filter((sink) => "pressure" in sink);
  }

  push(event: ScanEvent): void {
    if (this.#closed) return;
    if (this.#pushing) {
      this.#queue.push(event);
      return;
    }
    this.#pushing = true;
    for (let next: ScanEvent | undefined = event; next; next = this.#queue.shift()) {
      for (const open of this.#sinks) {
        if (open.failed && !open.factory.required) continue;
        try {
          open.sink.push(next);
        } catch (error) {
          this.#fail(open, error);
        }
      }
    }
    this.#pushing = false;
  }

  warn(source: string, message: string): void {
    this.push({ type: "warning", time: this.#options.clock.epoch(), source, message });
  }

  /** Undefined while all sinks have room. */
  pressure(): Promise<void> | undefined {
    return together(this.#pressing, (sink) => sink.pressure?.()) ?? undefined;
  }

  /** Waits until what was pushed has reached its place, in all sinks. Failures go the usual way. */
  async flush(signal: AbortSignal): Promise<void> {
    await this.#each(async ({ sink }) => {
      try {
        await abortable(sink.flush({ signal }), signal);
      } catch (error) {
        if (!signal.aborted) throw error; // else nobody waits for it any longer, which is no failure of the sink
      }
    });
  }

  /** Closes every sink, once. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#each(({ sink }) => sink.close(), { failedToo: true });
  }

  async #each(work: (open: OpenSink) => Promise<void>, { failedToo = false } = {}): Promise<void> {
    await Promise.all(
      this.#sinks.map(async (open) => {
        if (open.failed && !failedToo) return;
        try {
          await work(open);
        } catch (error) {
          this.#fail(open, error);
        }
      }),
    );
  }

  #fail(open: OpenSink, error: unknown): void {
    if (open.failed) return;
    open.failed = true;
    const { required, name } = open.factory;
    this.#pressing = this.#pressing.filter((sink) => sink !== open.sink);
    if (required) this.#options.fail(error, name);
    else this.warn(name, `${name} is no longer used: ${errorMessage(error)}`);
  }
}

/** Stands for a sink while it is being opened. */
const silentSink: ScanSink = { push: () => {}, flush: async () => {}, close: async () => {} };
