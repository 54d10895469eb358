import type { Clock } from "@beamtime/concurrency";
import { errorMessage } from "@beamtime/errors";
import type { PositionTriggers, Trajectory } from "@beamtime/motion";
import type { TriggerLine } from "./trigger-line.js";

export interface SimulatedMotorComparatorOptions {
  readonly line: TriggerLine;
  readonly clock: Clock;
  /** Hears of listeners of the line that fail. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/**
 * Sends a pulse whenever a motor passes the next of its positions. The times are those of the trajectory: a pulse that is sent late
 * tells when it should have been, and the next one is not late for that. There is one timer, and none while nothing is due.
 */
export class SimulatedMotorComparator {
  readonly #options: SimulatedMotorComparatorOptions;
  #triggers: PositionTriggers | undefined;
  #sent = 0;
  /** No pulse is from before. */
  #since = Number.NEGATIVE_INFINITY;
  #trajectory: Trajectory | undefined;
  #origin = 0;
  #ending = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: SimulatedMotorComparatorOptions) {
    this.#options = options;
  }

  /** Pulses that are still to come. */
  get left(): number {
    return (this.#triggers?.count ?? 0) - this.#sent;
  }

  /** Begins anew with other positions; `undefined`: with none. */
  arm(triggers: PositionTriggers | undefined): void {
    this.#sendDue();
    this.#triggers = triggers;
    this.#sent = 0;
    this.#since = this.#options.clock.now();
    this.#watch();
  }

  /** The motor goes another way from now on. @param origin what is added to the positions of the trajectory */
  follow(trajectory: Trajectory, origin: number): void {
    this.#sendDue();
    this.#trajectory = trajectory;
    this.#origin = origin;
    this.#watch();
  }

  /** Resolves when nothing is under way any more. */
  async close(): Promise<void> {
    this.#triggers = undefined;
    this.#ending.abort();
    await this.#running;
  }

  #watch(): void {
    this.#ending.abort();
    if (this.left <= 0) return;
    this.#ending = new AbortController();
    const { signal } = this.#ending;
    const before = this.#running;
    this.#running = (async () => {
      await before;
      await this.#run(signal);
    })();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    for (let time = this.#nextTime(); time !== undefined && !signal.aborted; time = this.#nextTime()) {
      const wait = time - clock.now();
      if (wait > 0) await clock.sleep(wait, { signal }).catch(() => {});
      if (!signal.aborted) this.#send(time);
    }
  }

  /** What the old trajectory has passed by now, but no timer has told yet. */
  #sendDue(): void {
    const now = this.#options.clock.now();
    for (let time = this.#nextTime(); time !== undefined && time <= now; time = this.#nextTime()) this.#send(time);
  }

  #nextTime(): number | undefined {
    if (!this.#triggers || this.left <= 0) return undefined;
    const { start, step } = this.#triggers;
    const position = start + this.#sent * step - this.#origin;
    return this.#trajectory?.timeOf(position, step < 0 ? -1 : 1, Math.max(this.#since, this.#trajectory.start));
  }

  #send(time: number): void {
    const { line, onWarning } = this.#options;
    this.#sent++;
    this.#since = time;
    try {
      line.pulse(time);
    } catch (error) {
      onWarning?.(`a pulse of ${line.name} was not taken: ${errorMessage(error)}`);
    }
  }
}
