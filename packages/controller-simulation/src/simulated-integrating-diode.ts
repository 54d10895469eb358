import type { Clock } from "@beamtime/concurrency";
import { type CounterPoints, IntegratingCounter } from "@beamtime/counters";
import { RandomSource } from "./random-source.js";
import { SimulatedIntegration } from "./simulated-integration.js";

export interface SimulatedIntegratingDiodeOptions {
  readonly name: string;
  readonly unit?: string | undefined;
  /** Counts per second, always. Default: random, uniform from 0 to 100. */
  readonly constant?: number | undefined;
  readonly seed?: number | undefined;
  readonly clock?: Clock | undefined;
}

class IntegratingDiodeController extends SimulatedIntegration {
  readonly #rate: () => number;

  constructor(rate: () => number, clock: Clock | undefined) {
    super("simulation_diode_integration_controller", clock);
    this.#rate = rate;
  }

  protected override integrate(
    countTimes: readonly number[],
    counters: readonly IntegratingCounter[],
  ): readonly CounterPoints[] {
    return counters.map(() => countTimes.map((countTime) => this.#rate() * countTime));
  }
}

/** A diode behind a counter card: a point is its rate times the count time. */
export function simulatedIntegratingDiode(options: SimulatedIntegratingDiodeOptions): IntegratingCounter {
  const { name, unit, constant, seed = name, clock } = options;
  const random = new RandomSource(seed);
  const controller = new IntegratingDiodeController(() => constant ?? 100 * random.uniform(), clock);
  return new IntegratingCounter(controller, { name, unit });
}
