import type { AcquisitionObject } from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import { BaseCounterController } from "./base-counter-controller.js";
import type { Counter, CountingParameters } from "./counter.js";
import { type SamplingController, SamplingCounter } from "./sampling-counter.js";
import { SamplingCounterAcquisitionSlave } from "./sampling-counter-acquisition-slave.js";

export interface SamplingCounterControllerOptions {
  readonly name: string;
  /** Readings per second at most; null = as fast as it goes. Default 1: one sample for count times below 1 s. */
  readonly maxSamplingFrequency?: number | null | undefined;
}

/**
 * A device whose counters have a value at any time. A subclass says how they are read.
 *
 * @example
 * class Thermometer extends SamplingCounterController {
 *   readonly sample = new SamplingCounter(this, { name: "sample", unit: "K" });
 *   constructor(readonly device: Device) { super({ name: "thermometer" }); }
 *   async readAll(counters, { signal }) { return counters.map(({ name }) => this.device.read(name)); }
 * }
 *
 * @see BLISS `bliss/controllers/counter.py`, class `SamplingCounterController`
 */
export abstract class SamplingCounterController extends BaseCounterController implements SamplingController {
  #maxSamplingFrequency: number | null = 1;

  constructor({ name, maxSamplingFrequency = 1 }: SamplingCounterControllerOptions) {
    super(name);
    this.maxSamplingFrequency = maxSamplingFrequency;
  }

  /** @throws ArgumentError when set to anything but null or a positive number */
  get maxSamplingFrequency(): number | null {
    return this.#maxSamplingFrequency;
  }

  set maxSamplingFrequency(frequency: number | null) {
    if (frequency !== null && !(frequency > 0)) {
      throw new ArgumentError(
        "maxSamplingFrequency",
        `maxSamplingFrequency of ${this.name} is ${frequency}; expected Hz, more than 0, or null for no limit`,
      );
    }
    this.#maxSamplingFrequency = frequency;
  }

  abstract readAll(
    counters: readonly SamplingCounter[],
    options: { signal?: AbortSignal | undefined },
  ): Promise<readonly number[]>;

  createAcquisitionObject(counters: readonly Counter[], parameters: CountingParameters): AcquisitionObject {
    const sampling = counters.filter((counter) => counter instanceof SamplingCounter);
    return new SamplingCounterAcquisitionSlave(sampling, parameters);
  }
}
