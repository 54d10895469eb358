import { type Clock, systemClock } from "@beamtime/concurrency";
import type { SettingsStore } from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import { AxisCoordinates } from "./axis-coordinates.js";
import { AxisDrive } from "./axis-drive.js";
import { AxisMemory } from "./axis-memory.js";
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
  /**
   * Where the axis is kept over restarts, as owner `axis.<name>`: sign, offset, backlash, limits, velocity, acceleration, and
   * where it is. What is kept there goes before these options, but for `stepsPerUnit`. Default: nothing is kept.
   */
  readonly settings?: SettingsStore | undefined;
  /** Hears when settings cannot be read or saved; the axis works on. */
  readonly onWarning?: ((message: string) => void) | undefined;
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
  readonly #memory: AxisMemory | undefined;
  readonly #options: AxisOptions;

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
    this.#options = options;
    this.#memory = options.settings && new AxisMemory(name, options.settings, options.onWarning);
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
      memory: this.#memory,
    });
  }

  get controller(): MotorController {
    return this.drive.controller;
  }

  /**
   * Last known position; NaN before `initialize`. Setting it moves nothing: it changes the offset, so that where the axis
   * stands has this position.
   *
   * @throws AxisMovingError when set while the axis moves, ArgumentError when set before `initialize`
   */
  get position(): number {
    return this.drive.position;
  }

  set position(position: number) {
    checkFinite(this.name, "position", position);
    this.#checkKnown("position");
    this.offset = position - this.sign * this.dial;
  }

  /** Last known position in dial units. */
  get dial(): number {
    return this.#coordinates.toDial(this.drive.position);
  }

  /** The direction of the user's positions on the dial. Setting it keeps the offset. @throws AxisMovingError while it moves */
  get sign(): 1 | -1 {
    return this.#coordinates.sign;
  }

  set sign(sign: 1 | -1) {
    if (sign !== 1 && sign !== -1) {
      throw new ArgumentError("sign", `sign of ${this.name} is ${String(sign)}; expected 1 or -1`);
    }
    this.#checkKnown("sign");
    this.drive.recount(() => {
      this.#coordinates.sign = sign;
    });
  }

  /** User position where the dial is at 0. @throws AxisMovingError when set while the axis moves */
  get offset(): number {
    return this.#coordinates.offset;
  }

  set offset(offset: number) {
    checkFinite(this.name, "offset", offset);
    this.#checkKnown("offset");
    this.drive.recount(() => {
      this.#coordinates.offset = offset;
    });
  }

  /** Every move ends in the direction of its sign, from at least so far away; 0: none. */
  get backlash(): number {
    return this.drive.backlash;
  }

  set backlash(backlash: number) {
    checkFinite(this.name, "backlash", backlash);
    if (this.#memory) this.#checkKnown("backlash");
    this.drive.backlash = backlash;
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
    if (this.#memory) this.#checkKnown("limits");
    this.#coordinates.limits = limits;
    this.drive.remember();
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
    if (!this.isInitialized) await this.initialize(options);
    await this.drive.setVelocity(velocity, options);
  }

  /** Sets the acceleration of the next moves, units/s². */
  async setAcceleration(acceleration: number, options: ControllerCallOptions = {}): Promise<void> {
    checkPositive(this.name, "acceleration", acceleration);
    if (!this.isInitialized) await this.initialize(options);
    await this.drive.setAcceleration(acceleration, options);
  }

  /**
   * Makes the hardware count from elsewhere: where the axis stands becomes `dial`. Nothing moves, and the user position
   * stays, as the offset follows.
   *
   * @throws ArgumentError when the controller cannot, AxisMovingError while the axis moves
   */
  async setDial(dial: number, options: ControllerCallOptions = {}): Promise<void> {
    if (!this.isInitialized) await this.initialize(options);
    checkFinite(this.name, "dial", dial);
    await this.drive.setDial(dial, options);
  }

  /** Forgets what was set since: velocity, acceleration, limits, backlash and sign are again as the options say. */
  async applyConfig(options: ControllerCallOptions = {}): Promise<void> {
    if (!this.isInitialized) await this.initialize(options);
    const { sign = 1, backlash = 0, velocity, acceleration, lowLimit, highLimit } = this.#options;
    this.sign = sign;
    this.backlash = backlash;
    this.#coordinates.dialLimits = [lowLimit ?? Number.NEGATIVE_INFINITY, highLimit ?? Number.POSITIVE_INFINITY];
    await this.setVelocity(velocity, options);
    await this.setAcceleration(acceleration, options);
  }

  /** Resolves when what is kept over restarts is in the store, or was given up. Moves do not wait for it. */
  async saved(): Promise<void> {
    await this.#memory?.saved();
  }

  /** Moves and resolves on arrival; an abort stops the axis in flight. @throws as `moveTogether` */
  move(position: number, options: ControllerCallOptions = {}): Promise<void> {
    return driveTogether([{ drive: this.drive, to: position }], options);
  }

  /** Moves by a distance from `target`, or from where somebody else has moved it since. @throws as `moveTogether` */
  async rmove(distance: number, options: ControllerCallOptions = {}): Promise<void> {
    await this.catchUp(options);
    await this.move(this.target + distance, options);
  }

  /**
   * Reads where the axis is before something relative is done: another process, or a hand, may have moved it. `target` is
   * then where it stands; else it stays what it was. Nothing is done while the axis moves.
   */
  catchUp(options: ControllerCallOptions = {}): Promise<void> {
    return this.drive.catchUp(options);
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

  /** @throws ArgumentError before `initialize`: the position is not known, and what was kept would replace the change */
  #checkKnown(argument: string): void {
    if (this.isInitialized) return;
    throw new ArgumentError(
      argument,
      `${argument} of ${this.name} cannot be set before initialize() has told where it is`,
    );
  }

  toString(): string {
    return `Axis(${this.name}, position=${this.position}${this.unit ? ` ${this.unit}` : ""})`;
  }
}

function checkFinite(axis: string, argument: string, value: number): void {
  if (!Number.isFinite(value)) {
    throw new ArgumentError(argument, `${argument} of ${axis} is ${value}; expected a finite number`);
  }
}

function checkPositive(axis: string, argument: string, value: number): void {
  if (!(value > 0) || !Number.isFinite(value)) {
    throw new ArgumentError(argument, `${argument} of ${axis} is ${value}; expected a positive number`);
  }
}
