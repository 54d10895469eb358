import type { AxisState } from "./axis-state.js";

/** One axis of a group that starts together. */
export interface Motion {
  /** Which axis of the controller. */
  readonly address: string;
  /** Where to, in steps. */
  readonly target: number;
}

/** What every call of a controller is given. */
export interface ControllerCallOptions {
  /** Aborted when the call must end at once. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * What a motor controller has to offer. It speaks steps and steps per second, of any resolution (fractions are fine);
 * `Axis` converts, checks limits and waits.
 *
 * @see BLISS `bliss/controllers/motor.py`, class `Controller`
 */
export interface MotorController {
  readonly name: string;
  /** Called once per axis before anything else. */
  initializeAxis?(address: string, options?: ControllerCallOptions): Promise<void>;
  /** The position now, in steps; also asked in flight. */
  readPosition(address: string, options?: ControllerCallOptions): Promise<number>;
  readState(address: string, options?: ControllerCallOptions): Promise<AxisState>;
  /** Starts the motions together and returns without waiting for their end. @throws when one cannot start */
  startMove(motions: readonly Motion[], options?: ControllerCallOptions): Promise<void>;
  /** Makes the axes decelerate to a stop; does not wait for it. Fine when they are at rest. */
  stop(addresses: readonly string[], options?: ControllerCallOptions): Promise<void>;
  /**
   * Makes the steps count from elsewhere: where the axis stands is from now on at `position`. Nothing moves. Returns where
   * the controller then says that it is. Absent where the controller cannot.
   */
  setPosition?(address: string, position: number, options?: ControllerCallOptions): Promise<number>;
  /** @param velocity in steps/s, positive */
  setVelocity(address: string, velocity: number, options?: ControllerCallOptions): Promise<void>;
  /** @param acceleration in steps/s², positive */
  setAcceleration(address: string, acceleration: number, options?: ControllerCallOptions): Promise<void>;
}
