import { type Clock, systemClock, VirtualClock } from "@beamtime/concurrency";
import { ArgumentError } from "@beamtime/errors";
import type { MotorController, SearchDirection } from "../motor-controller.js";
import { Trajectory } from "../trajectory.js";

/** What the checks must know of a controller. Positions are in steps. */
export interface MotorControllerCheckOptions {
  /**
   * Makes a controller at rest, for one check; the check disposes of it when it can be disposed of. Hardware that there is
   * only once is given again each time, by an object that cannot be disposed of.
   */
  create(): MotorController | Promise<MotorController>;
  /** The axis that moves, and another one for what needs two. */
  readonly addresses: readonly [string, string?];
  /** Positions between which both may go anywhere. Searches of switches go beyond. */
  readonly range: readonly [number, number];
  /** In steps/s: with it the way through the range takes some seconds on hardware, much longer than a call does. */
  readonly velocity: number;
  /** In steps/s²: with it the velocity is reached within a quarter of the range. */
  readonly acceleration: number;
  /** What the controller lives by. With a `VirtualClock` times must be exact. Default the system's. */
  readonly clock?: Clock | undefined;
  /** How near a position counts as reached. Default 1. */
  readonly tolerance?: number | undefined;
  /** Seconds that anything may come late on a real clock. Default 2. */
  readonly patience?: number | undefined;
  /** Seconds that one call may take. Default 5. */
  readonly answerTime?: number | undefined;
  /** Seconds between two questions while something moves. Default 0.01. */
  readonly pollingTime?: number | undefined;
  /** An address that there is not. */
  readonly unknownAddress?: string | undefined;
  /** The encoder of the first axis. Default: at the address of the axis, one of its steps for each of the motor. */
  readonly encoder?:
    | {
        readonly address?: string | undefined;
        /** Steps of the encoder for one step of the motor; negative when it counts the other way. */
        readonly stepsPerStep?: number | undefined;
        /** How near a reading counts as right, in steps of the encoder. */
        readonly tolerance?: number | undefined;
      }
    | undefined;
  /** In which directions the home switch is found from anywhere in the range. Default both. */
  readonly homeDirections?: readonly SearchDirection[] | undefined;
  /** Seconds that a search may take. Default 60. */
  readonly searchTime?: number | undefined;
  /** A command that the hardware answers. */
  readonly command?: string | undefined;
  /** Hears the pulses of the trigger output of an axis. Returns the way out. */
  readonly onPulse?: ((controller: MotorController, address: string, listener: () => void) => () => void) | undefined;
  /** Makes the hardware stop answering, as an unplugged cable does. Returns the way to make it answer again. */
  readonly silence?: ((controller: MotorController) => () => void) | undefined;
  /** Checks that are not to be run, by name, and why not. */
  readonly leaveOut?: Readonly<Record<string, string>> | undefined;
}

/** The options with all that is left to defaults. */
export interface CheckSetup {
  readonly options: MotorControllerCheckOptions;
  readonly clock: Clock;
  readonly range: readonly [number, number];
  readonly velocity: number;
  readonly acceleration: number;
  readonly tolerance: number;
  readonly answerTime: number;
  readonly pollingTime: number;
  readonly searchTime: number;
  /** Seconds that anything may come late. */
  readonly late: number;
  /** How much faster or slower than it should be something may be. */
  readonly slack: number;
  readonly signal: AbortSignal | undefined;
}

/** @throws ArgumentError when the checks could not tell right from wrong with these options */
export function checkSetup(options: MotorControllerCheckOptions, signal: AbortSignal | undefined): CheckSetup {
  const { range, velocity, acceleration, clock = systemClock } = options;
  const [low, high] = range;
  if (!(velocity > 0 && acceleration > 0 && low < high)) {
    const given = `range ${low} to ${high}, velocity ${velocity}, acceleration ${acceleration}`;
    throw new ArgumentError(
      "range",
      `the checks were given ${given}; expected a range, and positive dynamics, in steps`,
    );
  }
  const ramp = Trajectory.brake(0, velocity, acceleration).target;
  if (ramp > (high - low) / 4) {
    const message = `${velocity} steps/s are reached in ${ramp} steps with ${acceleration} steps/s²`;
    throw new ArgumentError(
      "acceleration",
      `${message}; expected a quarter of the range ${low} to ${high} to be enough`,
    );
  }
  const isExact = clock instanceof VirtualClock;
  return {
    options,
    clock,
    range,
    velocity,
    acceleration,
    tolerance: options.tolerance ?? 1,
    answerTime: options.answerTime ?? 5,
    pollingTime: options.pollingTime ?? 0.01,
    searchTime: options.searchTime ?? 60,
    late: isExact ? 1e-6 : (options.patience ?? 2),
    slack: isExact ? 1e-6 : 0.1,
    signal,
  };
}
