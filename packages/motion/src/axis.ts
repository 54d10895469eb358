import { type Clock, systemClock } from "@beamtime/concurrency";
import { ArgumentError } from "@beamtime/errors";
import { AxisCoordinates } from "./axis-coordinates.js";
import { AxisDrive } from "./axis-drive.js";
import type { AxisState } from "./axis-state.js";
import { driveTogether } from "./drive-together.js";
import type { ControllerCallOptions, MotorController } from "./motor-controller.js";

export interface AxisOptions {
  readonly name: string;
  readonly controller: MotorController;
  /** Which axis of the controller; its name by default. */
  readonly address?: string | undefined;
  readonly unit?: string | undefined;
  /** Steps of the controller per unit; negative when they count the other way. Default 1. */
  readonly stepsPerUnit?: number | undefined;
  /** Units/s. */
  readonly velocity: number;
  /** Units/s². */
  readonly acceleration: number;
  /** User position = sign × dial position + offset. Default 1. */
  readonly sign?: 1 | -1 | undefined;
  /** Default 0. */
  readonly offset?: number | undefined;
  /** Lowest dial position. Default none. */
  readonly lowLimit?: number | undefined;
  /** Highest dial position. Default none. */
  readonly highLimit?: number | undefined;
  /** How near counts as arrived; also sets how many digits of a position are shown. Default 0.0001. */
  readonly tolerance?: number | undefined;
  /** Every move ends in the direction of its sign, from at least so far away. Default 0: none. */
  readonly backlash?: number | undefined;
  /** Seconds between two readings of a moving axis. Default 0.02. */
  readonly pollingTime?: number | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * Something that moves along one coordinate. Positions are in user units, except where `dial` is said.
 *
 * Nothing is asked of the hardware at construction: `initialize` does, or the first move. What the getters tell is
 * what was last read.
 *
 * @see BLISS `bliss/common/axis.py`, class `Axis`
 */
export class Axis {
  readonly name: string;
  readonly unit: string | undefined;
  readonly tolerance: number;
  /** @internal */
  readonly drive: AxisDrive;
  readonly #coordinates: AxisCoordinates;

  constructor(options: AxisOptions) {
    const { name, stepsPerUnit = 1, velocity, acceleration, tolerance = 1e-4, pollingTime = 0.02 } = options;
    if (!name) throw new ArgumentError("name", "an axis needs a name");
    if (!Number.isFinite(stepsPerUnit) || stepsPerUnit === 0) {
      throw new ArgumentError("stepsPerUnit", `stepsPerUnit of ${name} is ${stepsPerUnit}; expected any number but 0`);
    }
    checkPositive(name, "velocity", velocity);
    checkPositive(name, "acceleration", acceleration);
    checkPositive(name, "tolerance", tolerance);
    checkPositive(name, "pollingTime", pollingTime);
    this.name = name;
    this.unit = options.unit;
    this.tolerance = tolerance;
    this.#coordinates = new AxisCoordinates({
      name,
      unit: options.unit,
      sign: options.sign ?? 1,
      offset: options.offset ?? 0,
      lowLimit: options.lowLimit ?? Number.NEGATIVE_INFINITY,
      highLimit: options.highLimit ?? Number.POSITIVE_INFINITY,
    });
    this.drive = new AxisDrive({
      coordinates: this.#coordinates,
      controller: options.controller,
      address: options.address ?? name,
      clock: options.clock ?? systemClock,
      stepsPerUnit,
      velocity,
      acceleration,
      tolerance,
      backlash: options.backlash ?? 0,
      pollingTime,
    });
  }

  get controller(): MotorController {
    return this.drive.controller;
  }

  /** Last known position; NaN before `initialize`. */
  get position(): number {
    return this.drive.position;
  }

  /** Last known position in dial units. */
  get dial(): number {
    return this.#coordinates.toDial(this.drive.position);
  }

  get sign(): 1 | -1 {
    return this.#coordinates.sign;
  }

  get offset(): number {
    return this.#coordinates.offset;
  }

  /** Where it was last sent; where it stands after a stop. Relative moves start from here, so that errors do not add up. */
  get target(): number {
    return this.drive.setPoint;
  }

  get state(): AxisState {
    return this.drive.state;
  }

  get isMoving(): boolean {
    return !this.drive.idle.isOpen || this.state.has("MOVING");
  }

  get isInitialized(): boolean {
    return this.drive.isInitialized;
  }

  /** Units/s. */
  get velocity(): number {
    return this.drive.velocity;
  }

  /** Units/s². */
  get acceleration(): number {
    return this.drive.acceleration;
  }

  /** Seconds from rest to `velocity`. */
  get acctime(): number {
    return this.velocity / this.acceleration;
  }

  get lowLimit(): number {
    return this.limits[0];
  }

  get highLimit(): number {
    return this.limits[1];
  }

  /** Lowest and highest position allowed. @throws ArgumentError when set with the higher one first */
  get limits(): readonly [number, number] {
    return this.#coordinates.limits;
  }

  set limits(limits: readonly [number, number]) {
    this.#coordinates.limits = limits;
  }

  /** Makes the hardware ready and reads where it is. Done once; again after a failure. */
  initialize(options: ControllerCallOptions = {}): Promise<void> {
    return this.drive.initialize(options);
  }

  /** Asks the controller where the axis is now, also in flight. */
  async readPosition(options: ControllerCallOptions = {}): Promise<number> {
    if (!this.isInitialized) await this.initialize(options);
    return this.drive.readPosition(options);
  }

  /** Asks the controller for state and position. */
  async readState(options: ControllerCallOptions = {}): Promise<AxisState> {
    if (!this.isInitialized) await this.initialize(options);
    return this.drive.read(options);
  }

  /** Sets the velocity of the next moves, units/s; the acceleration stays as it is. */
  async setVelocity(velocity: number, options: ControllerCallOptions = {}): Promise<void> {
    checkPositive(this.name, "velocity", velocity);
    await this.drive.setVelocity(velocity, options);
  }

  /** Sets the acceleration of the next moves, units/s². */
  async setAcceleration(acceleration: number, options: ControllerCallOptions = {}): Promise<void> {
    checkPositive(this.name, "acceleration", acceleration);
    await this.drive.setAcceleration(acceleration, options);
  }

  /** Moves and resolves on arrival; an abort stops the axis in flight. @throws as `moveTogether` */
  move(position: number, options: ControllerCallOptions = {}): Promise<void> {
    return driveTogether([{ drive: this.drive, to: position }], options);
  }

  /** Moves by a distance from `target`. @throws as `moveTogether` */
  async rmove(distance: number, options: ControllerCallOptions = {}): Promise<void> {
    if (!this.isInitialized) await this.initialize(options);
    await this.move(this.target + distance, options);
  }

  /** Resolves when no move is in progress. */
  waitMove(options: ControllerCallOptions = {}): Promise<void> {
    return this.drive.idle.wait(options);
  }

  /** Decelerates to a stop and resolves at rest. A move in progress then throws AxisStoppedError. */
  async stop(options: ControllerCallOptions = {}): Promise<void> {
    this.drive.stopRequested = true;
    await this.controller.stop([this.drive.address], options);
    if (this.drive.idle.isOpen) await this.drive.settle(options);
    else await this.drive.idle.wait(options);
  }

  /** Calls `listener` with each new position that is read, several times a second while the axis moves. Returns the way out. */
  onPosition(listener: (position: number) => void): () => void {
    return this.drive.positionListeners.add(listener);
  }

  /** Calls `listener` at each change of state. Returns the way out. */
  onState(listener: (state: AxisState) => void): () => void {
    return this.drive.stateListeners.add(listener);
  }

  /** Checks a position without moving. @throws AxisLimitError, or ArgumentError when it is not a finite number */
  checkPosition(position: number): void {
    this.#coordinates.check(position);
  }

  toString(): string {
    return `Axis(${this.name}, position=${this.position}${this.unit ? ` ${this.unit}` : ""})`;
  }
}

function checkPositive(axis: string, argument: string, value: number): void {
  if (!(value > 0) || !Number.isFinite(value)) {
    throw new ArgumentError(argument, `${argument} of ${axis} is ${value}; expected a positive number`);
  }
}
