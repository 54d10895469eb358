import { Gate } from "@beamtime/concurrency";
import { type AcquisitionContext, AcquisitionSlave, type ScanInfo } from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import type { CountingParameters } from "./counter.js";
import { CounterError } from "./counter-error.js";
import { SampledChannels } from "./sampled-channels.js";
import type { SamplingController, SamplingCounter } from "./sampling-counter.js";

/** Shortest time between two readings where there is no limit: it keeps a device that answers at once from hogging the process. */
const shortestPeriod = 1e-4;

/**
 * Reads sampling counters of one controller together, from each trigger on for the count time, and emits one point
 * each. At least one sample is taken, also for a count time of 0; the last one is taken early rather than late.
 *
 * @see BLISS `bliss/scanning/acquisition/counter.py`, class `SamplingCounterAcquisitionSlave`
 */
export class SamplingCounterAcquisitionSlave extends AcquisitionSlave {
  readonly #counters: readonly SamplingCounter[];
  readonly #controller: SamplingController;
  readonly #outputs: readonly SampledChannels[];
  readonly #countTime: number | readonly number[];
  readonly #isSingle: boolean;
  readonly #idle = new Gate({ open: true });
  #triggers = 0;

  /** @throws ArgumentError for no counter, counters of several controllers, or a negative count time */
  constructor(counters: readonly SamplingCounter[], { countTime, npoints }: CountingParameters) {
    const [first] = counters;
    if (!first) throw new ArgumentError("counters", "no counter: expected at least one");
    const { controller } = first;
    super({
      name: controller.name,
      npoints: Math.max(1, npoints),
      prepareOnce: true,
      startOnce: npoints > 0,
      devices: [controller, ...counters],
      exclusive: [controller],
    });
    const stranger = counters.find((counter) => counter.controller !== controller);
    if (stranger) {
      const both = `${first.fullname} and ${stranger.fullname}`;
      throw new ArgumentError("counters", `${both} belong to different controllers: expected counters of one`);
    }
    for (const time of [countTime].flat()) {
      if (!(time >= 0) || !Number.isFinite(time)) {
        throw new ArgumentError("countTime", `countTime is ${time}; expected seconds, 0 or more`);
      }
    }
    this.#counters = counters;
    this.#controller = controller;
    this.#countTime = countTime;
    this.#isSingle = counters.every(({ mode }) => mode === "SINGLE");
    this.#outputs = counters.map((counter) => new SampledChannels(counter));
    this.channels.push(...this.#outputs.flatMap(({ channels }) => channels));
  }

  prepare(): void {}

  start(): void {}

  override async trigger(context: AcquisitionContext): Promise<void> {
    this.#idle.close();
    try {
      const countTime = this.#nextCountTime();
      await this.#sample(countTime, context);
      const timestamp = context.clock.epoch();
      for (const output of this.#outputs) output.emit(countTime, timestamp);
    } finally {
      this.#idle.open();
    }
  }

  /** Whether the point of the last trigger has been emitted. */
  override triggerReady(): boolean {
    return this.#idle.isOpen;
  }

  override waitReady({ signal }: AcquisitionContext): void | Promise<void> {
    if (!this.#idle.isOpen) return this.#idle.wait({ signal });
  }

  stop(): void {}

  override metadata(): ScanInfo {
    return this.#controller.metadata;
  }

  async #sample(countTime: number, { clock, signal }: AcquisitionContext): Promise<void> {
    const counters = this.#counters;
    const { maxSamplingFrequency } = this.#controller;
    const period = maxSamplingFrequency === null ? shortestPeriod : 1 / maxSamplingFrequency;
    const end = clock.now() + countTime;
    let readingTime = 0;
    for (let n = 1; ; n++) {
      const readStart = clock.now();
      const values = await this.#controller.readAll(counters, { signal });
      signal.throwIfAborted();
      if (values.length !== counters.length) {
        const { name } = this.#controller;
        throw new CounterError(name, `${name} gave ${values.length} values for ${counters.length} counters`);
      }
      for (let i = 0; i < counters.length; i++) this.#outputs[i]?.add(values[i] ?? Number.NaN);
      if (this.#isSingle) return;
      const now = clock.now();
      readingTime += now - readStart;
      const pause = Math.max(readStart + period - now, 0);
      if (now + readingTime / n + pause > end) return;
      if (pause > 0) await clock.sleep(pause, { signal });
    }
  }

  #nextCountTime(): number {
    const index = this.#triggers++;
    if (typeof this.#countTime === "number") return this.#countTime;
    const countTime = this.#countTime[index];
    if (countTime === undefined) {
      throw new CounterError(this.name, `${this.name}: no count time for point ${index}, only ${index} were given`);
    }
    return countTime;
  }
}
