import { ArgumentError } from "@beamtime/errors";
import { Counter, type CounterController, type CounterOptions } from "./counter.js";
import type { SampleStatistics } from "./sample-statistics.js";
import { type SamplingMode, samplingModes } from "./sampling-mode.js";

/** A controller whose counters are read as often as wished during a count time. */
export interface SamplingController extends CounterController {
  /** Readings per second at most; null = as fast as it goes. */
  readonly maxSamplingFrequency: number | null;
  /** Reads the counters now: one value each, in their order. */
  readAll(
    counters: readonly SamplingCounter[],
    options: { signal?: AbortSignal | undefined },
  ): Promise<readonly number[]>;
}

export interface SamplingCounterOptions extends Omit<CounterOptions, "shape" | "dtype"> {
  /** Default MEAN. */
  readonly mode?: SamplingMode | undefined;
  /** Turns what was read into what is counted, sample by sample. */
  readonly conversion?: ((raw: number) => number) | undefined;
}

/**
 * A counter that has a value at any time: a scan reads it while it counts, and makes one point of the samples.
 *
 * @see BLISS `bliss/common/counter.py`, class `SamplingCounter`
 */
export class SamplingCounter extends Counter {
  override readonly controller: SamplingController;
  conversion: ((raw: number) => number) | undefined;
  /** Of the last point in a scan; undefined before the first. */
  statistics: SampleStatistics | undefined;
  #mode: SamplingMode = "MEAN";

  constructor(controller: SamplingController, options: SamplingCounterOptions) {
    super(controller, options);
    this.controller = controller;
    this.conversion = options.conversion;
    this.mode = options.mode ?? "MEAN";
  }

  /** How samples become a point in the scans made from now on. @throws ArgumentError when set to anything else */
  get mode(): SamplingMode {
    return this.#mode;
  }

  set mode(mode: SamplingMode) {
    if (!samplingModes.includes(mode)) {
      throw new ArgumentError("mode", `mode of ${this.name} is ${mode}; expected one of ${samplingModes.join(", ")}`);
    }
    this.#mode = mode;
  }
}
