import type { Axis } from "./axis.js";
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

/** `1`: towards higher steps, `-1`: towards lower ones. */
export type SearchDirection = 1 | -1;

/** Hears what a controller tells without being asked. */
export interface MotorListener {
  /** In steps. @param isHeard whether another process has told what it follows from, and tells this too. Default false */
  position(position: number, isHeard?: boolean): void;
  /** @param isHeard as above */
  state(state: AxisState, isHeard?: boolean): void;
}

/** Pulses that a controller sends to its trigger output on the way, in steps. */
export interface PositionTriggers {
  /** Where the first pulse is. */
  readonly start: number;
  /** From one pulse to the next; negative when they are passed downwards. */
  readonly step: number;
  readonly count: number;
}

/**
 * What a motor controller has to offer. It speaks steps and steps per second, of any resolution (fractions are fine);
 * `Axis` converts, checks limits, waits, bounds every call in time, and asks for one thing of an axis at a time.
 *
 * Only position, state, start and stop are needed. What hardware lacks is left out: an axis then refuses what needs it, with
 * an error that says so. {@link capabilitiesOf} lists what a controller has; `@beamtime/motion/testing` checks it.
 *
 * @see BLISS `bliss/controllers/motor.py`, class `Controller`
 */
export interface MotorController {
  readonly name: string;
  /** True of one that rounds targets to whole steps. An axis of other than 1 step per unit reckons with that in any case. */
  readonly hasWholeSteps?: boolean;
  /** Of a controller that calculates its axes: those that they are calculated from. */
  readonly realAxes?: readonly Axis[];
  /** Of such a controller: those that it does not move, but whose positions it calculates with. */
  readonly parameterAxes?: readonly Axis[];
  /**
   * Of a controller whose axes have no sign and offset of their own, as what they are calculated from has them: gives those
   * axes other user positions, at once, so that an axis is at a position of its dial.
   *
   * @throws AxisMovingError while one of them moves
   */
  readonly recount?: ((address: string, position: number) => void) | undefined;
  /** Called once per axis before anything else, and again after it failed. */
  initializeAxis?(address: string, options?: ControllerCallOptions): Promise<void>;

  /** What a step is, as `mm`; empty: nothing that has a name. For axes of one step per unit whose configuration tells no unit. */
  readUnit?(address: string, options?: ControllerCallOptions): Promise<string>;

  /** The position now, in steps; also asked in flight. */
  readPosition(address: string, options?: ControllerCallOptions): Promise<number>;
  readState(address: string, options?: ControllerCallOptions): Promise<AxisState>;
  /** Starts the motions together and returns without waiting for their end. @throws when one cannot start; then none has */
  startMove(motions: readonly Motion[], options?: ControllerCallOptions): Promise<void>;
  /** Makes the axes decelerate to a stop; does not wait for it. Fine when they are at rest. Ends jogs and searches too. */
  stop(addresses: readonly string[], options?: ControllerCallOptions): Promise<void>;

  /**
   * Makes the steps count from elsewhere: where the axis stands is from now on at `position`. Nothing moves. Returns where
   * the controller then says that it is.
   */
  setPosition?(address: string, position: number, options?: ControllerCallOptions): Promise<number>;
  /** Of the next moves. @param velocity in steps/s, positive */
  setVelocity?(address: string, velocity: number, options?: ControllerCallOptions): Promise<void>;
  /** In steps/s: for axes whose configuration leaves the velocity to the controller. */
  readVelocity?(address: string, options?: ControllerCallOptions): Promise<number>;
  /** Of the next moves. @param acceleration in steps/s², positive */
  setAcceleration?(address: string, acceleration: number, options?: ControllerCallOptions): Promise<void>;
  /** In steps/s²: for axes whose configuration leaves the acceleration to the controller. */
  readAcceleration?(address: string, options?: ControllerCallOptions): Promise<number>;

  /** Starts a motion without end. @param velocity in steps/s; its sign is the direction */
  startJog?(address: string, velocity: number, options?: ControllerCallOptions): Promise<void>;
  /** Starts towards the home switch; the axis comes to rest on it, with the state HOME as long as it is there. */
  startHomeSearch?(address: string, direction: SearchDirection, options?: ControllerCallOptions): Promise<void>;
  /** Starts towards an end switch; the axis comes to rest on it, with the state LIMPOS or LIMNEG. */
  startLimitSearch?(address: string, direction: SearchDirection, options?: ControllerCallOptions): Promise<void>;

  /** Powers the motor. */
  powerOn?(address: string, options?: ControllerCallOptions): Promise<void>;
  /** Takes the power off; the state is then OFF. */
  powerOff?(address: string, options?: ControllerCallOptions): Promise<void>;

  /** The position that an encoder measures now, in its own steps; also asked in flight. */
  readEncoder?(address: string, options?: ControllerCallOptions): Promise<number>;
  /** Makes an encoder count from elsewhere. */
  setEncoder?(address: string, position: number, options?: ControllerCallOptions): Promise<void>;

  /** Makes the trigger output of an axis send pulses when the positions are passed next; `undefined`: no more. */
  armTriggers?(address: string, triggers: PositionTriggers | undefined, options?: ControllerCallOptions): Promise<void>;

  /** Sends a command in the words of the hardware. Returns its answer; empty when it gives none. */
  rawCommand?(command: string, options?: ControllerCallOptions): Promise<string>;
  /** What the hardware tells of an axis, for people: several lines are fine. */
  describeAxis?(address: string, options?: ControllerCallOptions): Promise<string>;

  /**
   * Refuses positions beforehand, for what the limits of the axis cannot tell. Each axis has as many positions as the others: they
   * are reached together, one after the other.
   *
   * @param positions in steps, by address
   * @throws AxisError
   */
  checkPositions?(positions: ReadonlyMap<string, Float64Array>): void;
  /** Tells of what happens without being asked, from now on. Returns the way out. */
  watch?(address: string, listener: MotorListener): () => void;
  /** Something else has moved the axis, or may have: what was remembered of it is no longer true. */
  forget?(address: string, options?: ControllerCallOptions): Promise<void>;
}

/** What a controller may be able to do beyond moving and stopping. */
export interface MotorCapabilities {
  readonly setPosition: boolean;
  readonly velocity: boolean;
  readonly acceleration: boolean;
  readonly jog: boolean;
  readonly homeSearch: boolean;
  readonly limitSearch: boolean;
  readonly power: boolean;
  readonly encoder: boolean;
  readonly setEncoder: boolean;
  readonly triggers: boolean;
  readonly rawCommand: boolean;
}

/** The flags of a controller: what it implements, it can. */
export function capabilitiesOf(controller: MotorController): MotorCapabilities {
  return {
    setPosition: controller.setPosition !== undefined,
    velocity: controller.setVelocity !== undefined,
    acceleration: controller.setAcceleration !== undefined,
    jog: controller.startJog !== undefined,
    homeSearch: controller.startHomeSearch !== undefined,
    limitSearch: controller.startLimitSearch !== undefined,
    power: controller.powerOn !== undefined && controller.powerOff !== undefined,
    encoder: controller.readEncoder !== undefined,
    setEncoder: controller.setEncoder !== undefined,
    triggers: controller.armTriggers !== undefined,
    rawCommand: controller.rawCommand !== undefined,
  };
}
