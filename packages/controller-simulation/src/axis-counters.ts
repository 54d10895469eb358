import type { Axis } from "@beamtime/motion";
import { RandomSource } from "./random-source.js";
import { SimulatedCounter, SimulatedCounterController } from "./simulated-counter.js";
import type { SimulatedReadingOptions } from "./simulated-diode.js";

/** What a counter that follows an axis has besides its shape. */
export interface AxisCounterOptions extends SimulatedReadingOptions {
  /** Its true position is asked for at each reading, also in flight. */
  readonly axis: Axis;
  /** Of the peak or step. Default 100. */
  readonly height?: number | undefined;
  /** Default 0. */
  readonly background?: number | undefined;
  /** Standard deviation of the noise, as a part of the height. Default 0. */
  readonly noise?: number | undefined;
}

export interface GaussianCounterOptions extends AxisCounterOptions {
  /** Middle of the peak, in units of the axis. Default 0. */
  readonly mu?: number | undefined;
  /** Half of its width at 61 % of its height. Default 1. */
  readonly sigma?: number | undefined;
}

export interface EdgeCounterOptions extends AxisCounterOptions {
  /** Where half of the height is reached. Default 0. */
  readonly center?: number | undefined;
  /** Distance in which it rises from 12 % to 88 %; negative for a falling edge. Default 1. */
  readonly width?: number | undefined;
}

/** A counter with a peak at one position of an axis. */
export function gaussianCounter(options: GaussianCounterOptions): SimulatedCounter {
  const { mu = 0, sigma = 1 } = options;
  return axisCounter(options, (position) => Math.exp(-(((position - mu) / sigma) ** 2) / 2));
}

/** A counter that rises at one position of an axis, as behind the blade of a slit. */
export function edgeCounter(options: EdgeCounterOptions): SimulatedCounter {
  const { center = 0, width = 1 } = options;
  return axisCounter(options, (position) => (1 + Math.tanh((2 * (position - center)) / width)) / 2);
}

/** A counter that depends on a position as `profile` says, times the height. */
export function axisCounter(options: AxisCounterOptions, profile: (position: number) => number): SimulatedCounter {
  const { name, axis, height = 100, background = 0, noise = 0, seed = name } = options;
  const random = new RandomSource(seed);
  const controller = new SimulatedCounterController({ ...options, name: "simulation_counter_controller" });
  return new SimulatedCounter(controller, {
    ...options,
    measure: async ({ signal }) => {
      const position = await axis.readPosition({ signal });
      return background + height * (profile(position) + (noise === 0 ? 0 : noise * random.normal()));
    },
  });
}
