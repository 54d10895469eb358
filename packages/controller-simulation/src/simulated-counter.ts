import { type Clock, systemClock } from "@beamtime/concurrency";
import {
  SamplingCounter,
  SamplingCounterController,
  type SamplingCounterControllerOptions,
  type SamplingCounterOptions,
} from "@beamtime/counters";

/** What a simulated counter reads: a number, now or soon. */
export type Measure = (options: { signal?: AbortSignal | undefined }) => number | Promise<number>;

export interface SimulatedCounterControllerOptions extends SamplingCounterControllerOptions {
  readonly clock?: Clock | undefined;
  /** Seconds that a reading of all counters takes. Default 0. */
  readonly latency?: number | undefined;
}

/** A device whose counters compute their values. */
export class SimulatedCounterController extends SamplingCounterController {
  /** Each process computes its own values. */
  override readonly lockName = null;
  readonly #clock: Clock;
  readonly #latency: number;

  constructor(options: SimulatedCounterControllerOptions) {
    super(options);
    this.#clock = options.clock ?? systemClock;
    this.#latency = options.latency ?? 0;
  }

  override async readAll(
    counters: readonly SamplingCounter[],
    options: { signal?: AbortSignal | undefined },
  ): Promise<readonly number[]> {
    options.signal?.throwIfAborted();
    if (this.#latency > 0) await this.#clock.sleep(this.#latency, options);
    const values: number[] = [];
    for (const counter of counters) {
      const value = counter instanceof SimulatedCounter ? counter.measure(options) : Number.NaN;
      values.push(typeof value === "number" ? value : await value);
    }
    return values;
  }
}

export interface SimulatedCounterOptions extends SamplingCounterOptions {
  readonly measure: Measure;
}

/** A sampling counter that computes its value. */
export class SimulatedCounter extends SamplingCounter {
  readonly measure: Measure;

  constructor(controller: SimulatedCounterController, options: SimulatedCounterOptions) {
    super(controller, options);
    this.measure = options.measure;
  }
}
