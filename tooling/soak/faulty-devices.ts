import { abortable } from "@beamtime/concurrency";
import { SimulatedMotorController } from "@beamtime/controller-simulation";
import { SamplingCounter, SamplingCounterController } from "@beamtime/counters";
import { Axis } from "@beamtime/motion";

/** What counters do next: give a value, throw, or not answer until the scan is aborted. */
export type CounterFault = "none" | "throws" | "hangs";

/** Counters that fail when they are told to. */
export class FaultyCounters extends SamplingCounterController {
  readonly all = [0, 1, 2].map((index) => new SamplingCounter(this, { name: `soak${index}` }));
  #fault: CounterFault = "none";
  #left = 0;

  constructor() {
    super({ name: "soak", maxSamplingFrequency: null });
  }

  /** Works for some readings, then fails as told. */
  failAfter(readings: number, fault: CounterFault): void {
    this.#left = readings;
    this.#fault = fault;
  }

  override async readAll(
    counters: readonly SamplingCounter[],
    { signal }: { signal?: AbortSignal | undefined },
  ): Promise<readonly number[]> {
    this.#left -= 1;
    if (this.#left < 0 && this.#fault === "throws") throw new Error("the counter card is broken");
    if (this.#left < 0 && this.#fault === "hangs") {
      await abortable(new Promise(() => {}), signal);
    }
    return counters.map((_, index) => index);
  }
}

/** Two fast simulated axes, and the controller that makes them fail. */
export function fastAxes(): { readonly motors: SimulatedMotorController; readonly axes: readonly [Axis, Axis] } {
  const motors = new SimulatedMotorController();
  const fast = { controller: motors, velocity: 1000, acceleration: 1e6, pollingTime: 0.001 };
  return { motors, axes: [new Axis({ name: "soakx", ...fast }), new Axis({ name: "soaky", ...fast })] };
}
