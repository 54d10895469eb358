import type { SamplingCounterOptions } from "@beamtime/counters";
import { RandomSource } from "./random-source.js";
import {
  SimulatedCounter,
  SimulatedCounterController,
  type SimulatedCounterControllerOptions,
} from "./simulated-counter.js";

/** Options that all simulated sampling counters share: of the counter, and of the controller made for it. */
export interface SimulatedReadingOptions
  extends Omit<SamplingCounterOptions, "conversion">,
    Pick<SimulatedCounterControllerOptions, "clock" | "latency" | "maxSamplingFrequency"> {
  /** Makes noise repeatable. Default: from the name. */
  readonly seed?: number | undefined;
}

export interface SimulatedDiodeOptions extends SimulatedReadingOptions {
  /** The value, always. Default: random, uniform from 0 to 100. */
  readonly constant?: number | undefined;
}

/** A diode that shows a constant, or noise; with a controller of its own, named as in BLISS. */
export function simulatedDiode(options: SimulatedDiodeOptions): SimulatedCounter {
  const { name, constant, seed = name } = options;
  const random = new RandomSource(seed);
  const controller = new SimulatedCounterController({ ...options, name: "simulation_diode_sampling_controller" });
  return new SimulatedCounter(controller, { ...options, measure: () => constant ?? 100 * random.uniform() });
}
