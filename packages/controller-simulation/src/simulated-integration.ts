import { type Clock, systemClock } from "@beamtime/concurrency";
import {
  type ControllerOptions,
  type CounterPoints,
  type CountingParameters,
  type IntegratingCounter,
  IntegratingCounterController,
} from "@beamtime/counters";

/**
 * A device that integrates by itself from each trigger on for the count time, and has the point a dead time later. A subclass makes up
 * the points.
 */
export abstract class SimulatedIntegration extends IntegratingCounterController {
  readonly #clock: Clock;
  #countTime: number | readonly number[] = 0;
  /** When each point is complete. */
  #ends: number[] = [];

  constructor(name: string, clock: Clock = systemClock) {
    super(name);
    this.#clock = clock;
  }

  async prepareDevice(_counters: readonly IntegratingCounter[], { countTime }: CountingParameters): Promise<void> {
    this.#countTime = countTime;
    this.#ends = [];
  }

  async triggerDevice(): Promise<void> {
    this.#ends.push(this.#clock.now() + this.#countTimeOf(this.#ends.length) + this.deadTime);
  }

  override async getValues(
    from: number,
    counters: readonly IntegratingCounter[],
    { signal }: ControllerOptions,
  ): Promise<readonly CounterPoints[]> {
    signal?.throwIfAborted();
    const now = this.#clock.now();
    let until = from;
    while ((this.#ends[until] ?? Number.POSITIVE_INFINITY) <= now + 1e-9) until++;
    const countTimes = Array.from({ length: until - from }, (_, i) => this.#countTimeOf(from + i));
    return this.integrate(countTimes, counters);
  }

  /** Makes one point of each counter for each count time, s. */
  protected abstract integrate(
    countTimes: readonly number[],
    counters: readonly IntegratingCounter[],
  ): readonly CounterPoints[];

  #countTimeOf(index: number): number {
    return typeof this.#countTime === "number" ? this.#countTime : (this.#countTime[index] ?? 0);
  }
}
