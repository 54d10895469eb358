import { type Clock, systemClock } from "@beamtime/concurrency";
import { ArgumentError } from "@beamtime/errors";
import type { ControllerCallOptions, MotionHook, PlannedMove } from "@beamtime/motion";

export interface SleepHookOptions {
  readonly name: string;
  /** Seconds to wait before motions. Default 0. */
  readonly preMoveWait?: number | undefined;
  /** Seconds to wait after motions. Default 0. */
  readonly postMoveWait?: number | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * Waits before and after motions, for what nobody can ask whether it is done: air pads that fill, brakes that open.
 *
 * @see BLISS `bliss/controllers/motors/hooks.py`, class `SleepHook`
 */
export class SleepHook implements MotionHook {
  readonly name: string;
  readonly preMoveWait: number;
  readonly postMoveWait: number;
  readonly #clock: Clock;

  /** @throws ArgumentError for a time that is none */
  constructor({ name, preMoveWait = 0, postMoveWait = 0, clock = systemClock }: SleepHookOptions) {
    this.name = name;
    this.preMoveWait = checked("preMoveWait", preMoveWait);
    this.postMoveWait = checked("postMoveWait", postMoveWait);
    this.#clock = clock;
  }

  async preMove(_moves: readonly PlannedMove[], options: ControllerCallOptions): Promise<void> {
    if (this.preMoveWait > 0) await this.#clock.sleep(this.preMoveWait, options);
  }

  async postMove(_moves: readonly PlannedMove[], options: ControllerCallOptions): Promise<void> {
    if (this.postMoveWait > 0) await this.#clock.sleep(this.postMoveWait, options);
  }
}

function checked(argument: string, seconds: number): number {
  if (seconds >= 0 && Number.isFinite(seconds)) return seconds;
  throw new ArgumentError(argument, `${argument} is ${seconds}; expected seconds, at least 0`);
}
