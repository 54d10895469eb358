import { type Clock, systemClock } from "@beamtime/concurrency";
import type { DeviceLocks, LiveValues, SettingsStore } from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import { AxisCoordinates } from "./axis-coordinates.js";
import { AxisDrive } from "./axis-drive.js";
import { AxisDynamics } from "./axis-dynamics.js";
import { AxisUnsupportedError } from "./axis-error.js";
import { AxisMemory } from "./axis-memory.js";
import type { AxisState } from "./axis-state.js";
import { axisText } from "./axis-text.js";
import { checkTrajectory } from "./check-trajectory.js";
import { driveJog, driveSearch } from "./drive-search.js";
import { driveTogether } from "./drive-together.js";
import type { Encoder } from "./encoder.js";
import type { MotionHook } from "./motion-hook.js";
import {
  type ControllerCallOptions,
  capabilitiesOf,
  type MotorCapabilities,
  type MotorController,
  type SearchDirection,
} from "./motor-controller.js";
import { type MotionOptions, startMotion, waitForRest } from "./start-motion.js";

export interface AxisOptions {
  readonly name: string;
  readonly controller: MotorController;
  /** Which axis of the controller; its name by default. */
  readonly address?: string | undefined;
  readonly unit?: string | undefined;
  /** Steps of the controller per unit; negative when they count the other way. Default 1. */
  readonly stepsPerUnit?: number | undefined;
  /** Units/s. Default: what the controller has. */
  readonly velocity?: number | undefined;
  /** Units/s². Default: what the controller has. */
  readonly acceleration?: number | undefined;
  /** Units/s, of `jog` when it is given no other. Default as `velocity`. */
  readonly jogVelocity?: number | undefined;
  /** Slowest velocity allowed, units/s. Default none. */
  readonly velocityLowLimit?: number | undefined;
  /** Fastest velocity allowed, units/s. Default none. */
  readonly velocityHighLimit?: number | undefined;
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
  /** Measures where the axis is, in its dial units. */
  readonly encoder?: Encoder | undefined;
  /** Whether each move is to be confirmed by the encoder. Default false. */
  readonly checkEncoder?: boolean | undefined;
  /** What tells the position. Default `controller`. */
  readonly readPositionFrom?: "controller" | "encoder" | undefined;
  /** Whether a move is refused when the axis is not where it was left. Default true, false when the encoder tells the position. */
  readonly checkDiscrepancy?: boolean | undefined;
  /** What is done around its motions. */
  readonly motionHooks?: readonly MotionHook[] | undefined;
  /** Seconds between two readings of a moving axis. Default 0.02. */
  readonly pollingTime?: number | undefined;
  /** Seconds that a call of the controller may take. Default 5. */
  readonly answerTime?: number | undefined;
  readonly clock?: Clock | undefined;
  /**
   * Where the axis is kept over restarts, as owner `axis.<name>`: sign, offset, backlash, limits, velocity, acceleration, and
   * where it is. What is kept there goes before these options, but for `stepsPerUnit`. Default: nothing is kept.
   */
  readonly settings?: SettingsStore | undefined;
  /** Shares the axis live with other processes, as `axis.<name>.<field>`: they see it move, can stop it, and share its settings. */
  readonly live?: LiveValues | undefined;
  /** Keeps other processes from moving the axis while this one does. */
  readonly locks?: DeviceLocks | undefined;
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
  readonly encoder: Encoder | undefined;
  readonly motionHooks: readonly MotionHook[];
  /** @internal */
  readonly drive: AxisDrive;
  readonly #coordinates: AxisCoordinates;
  readonly #dynamics: AxisDynamics;
  readonly #options: AxisOptions;

  constructor(options: AxisOptions) {
    const { name, controller, stepsPerUnit = 1, tolerance = 1e-4, pollingTime = 0.02, answerTime = 5 } = options;
    if (!name) throw new ArgumentError("name", "an axis needs a name");
    if (!Number.isFinite(stepsPerUnit) || stepsPerUnit === 0) {
      throw new ArgumentError("stepsPerUnit", `stepsPerUnit of ${name} is ${stepsPerUnit}; expected any number but 0`);
    }
    checkPositive(name, "tolerance", tolerance);
    checkPositive(name, "pollingTime", pollingTime);
    checkPositive(name, "answerTime", answerTime);
    this.name = name;
    this.unit = options.unit;
    this.tolerance = tolerance;
    this.encoder = options.encoder;
    this.motionHooks = options.motionHooks ?? [];
    this.#options = options;
    this.#coordinates = new AxisCoordinates({
      name,
      unit: options.unit,
      sign: options.sign ?? 1,
      offset: options.offset ?? 0,
      lowLimit: options.lowLimit ?? Number.NEGATIVE_INFINITY,
      highLimit: options.highLimit ?? Number.POSITIVE_INFINITY,
    });
    this.#dynamics = new AxisDynamics({
      name,
      unit: options.unit,
      stepsPerUnit,
      velocity: options.velocity,
      acceleration: options.acceleration,
      jogVelocity: options.jogVelocity,
      velocityLimits: [options.velocityLowLimit ?? 0, options.velocityHighLimit ?? Number.POSITIVE_INFINITY],
    });
    const readPositionFrom = options.readPositionFrom ?? "controller";
    this.drive = new AxisDrive({
      axis: this,
      coordinates: this.#coordinates,
      dynamics: this.#dynamics,
      controller,
      address: options.address ?? name,
      clock: options.clock ?? systemClock,
      stepsPerUnit,
      tolerance,
      backlash: options.backlash ?? 0,
      pollingTime,
      answerTime,
      encoder: options.encoder,
      checkEncoder: options.checkEncoder ?? false,
      checkDiscrepancy: options.checkDiscrepancy ?? readPositionFrom === "controller",
      readPositionFrom,
      memory: options.settings && new AxisMemory(name, options.settings, options.onWarning),
      live: options.live,
      locks: options.locks,
    });
  }

  get controller(): MotorController {
    return this.drive.controller;
  }

  /** Which axis of the controller. */
  get address(): string {
    return this.drive.address;
  }

  get stepsPerUnit(): number {
    return this.drive.stepsPerUnit;
  }

  /** What its controller can do. */
  get capabilities(): MotorCapabilities {
    return capabilitiesOf(this.controller);
  }

  /** The axes that move when this one does, when it is calculated from others; those of these too. */
  get realAxes(): readonly Axis[] {
    const reals = this.controller.realAxes ?? [];
    return [...new Set(reals.flatMap((axis) => (axis.realAxes.length > 0 ? axis.realAxes : [axis])))];
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
    if (this.#options.settings) this.#checkKnown("backlash");
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

  /** Whether it is out of use: somebody has disabled it, or its controller failed at the start. `enable` revives it. */
  get disabled(): boolean {
    return this.drive.isDisabled;
  }

  /**
   * Units/s. Setting it counts from the next move on, and keeps the acceleration; `setVelocity` tells the controller at once.
   *
   * @throws ArgumentError when it is set to what `velocityLimits` do not allow, AxisUnsupportedError when the controller has none
   */
  get velocity(): number {
    return this.#dynamics.velocity;
  }

  set velocity(velocity: number) {
    this.#requireVelocity();
    this.#dynamics.velocity = velocity;
    this.drive.remember();
  }

  /** Units/s². Setting it counts from the next move on. @throws ArgumentError, AxisUnsupportedError as for the velocity */
  get acceleration(): number {
    return this.#dynamics.acceleration;
  }

  set acceleration(acceleration: number) {
    this.drive.link.require("setAcceleration", "has no acceleration to set");
    this.#dynamics.acceleration = acceleration;
    this.drive.remember();
  }

  /** Seconds from rest to `velocity`. Setting it changes the acceleration. */
  get acctime(): number {
    return this.velocity / this.acceleration;
  }

  set acctime(seconds: number) {
    checkPositive(this.name, "acctime", seconds);
    this.acceleration = this.velocity / seconds;
  }

  /** Units/s, of `jog` when it is given no other. */
  get jogVelocity(): number {
    return this.#dynamics.jogVelocity;
  }

  set jogVelocity(velocity: number) {
    this.#dynamics.jogVelocity = velocity;
    this.drive.remember();
  }

  /** Slowest and fastest velocity allowed, units/s. @throws ArgumentError when set with the faster one first */
  get velocityLimits(): readonly [number, number] {
    return this.#dynamics.velocityLimits;
  }

  set velocityLimits(limits: readonly [number, number]) {
    this.#dynamics.velocityLimits = limits;
    this.drive.remember();
  }

  get lowLimit(): number {
    return this.limits[0];
  }

  set lowLimit(limit: number) {
    this.limits = [limit, this.highLimit];
  }

  get highLimit(): number {
    return this.limits[1];
  }

  set highLimit(limit: number) {
    this.limits = [this.lowLimit, limit];
  }

  /** Lowest and highest position allowed. @throws ArgumentError when set with the higher one first */
  get limits(): readonly [number, number] {
    return this.#coordinates.limits;
  }

  set limits(limits: readonly [number, number]) {
    if (this.#options.settings) this.#checkKnown("limits");
    this.#coordinates.limits = limits;
    this.drive.remember();
  }

  /** Lowest and highest dial position allowed. @throws ArgumentError when set with the higher one first */
  get dialLimits(): readonly [number, number] {
    return this.#coordinates.dialLimits;
  }

  set dialLimits(limits: readonly [number, number]) {
    if (this.#options.settings) this.#checkKnown("dialLimits");
    this.#coordinates.dialLimits = limits;
    this.drive.remember();
  }

  /** Makes the hardware ready and reads where it is. Done once; again after a failure, which disables the axis. */
  initialize(options: ControllerCallOptions = {}): Promise<void> {
    return this.drive.initialize(options);
  }

  /** Asks the controller where the axis is now, also in flight. @throws AxisTimeoutError, AxisDisabledError */
  async readPosition(options: ControllerCallOptions = {}): Promise<number> {
    await this.drive.ready(options);
    return this.drive.readPosition(options);
  }

  /** Asks the controller for state and position. @throws AxisTimeoutError, AxisDisabledError */
  async readState(options: ControllerCallOptions = {}): Promise<AxisState> {
    await this.drive.ready(options);
    return this.drive.read(options);
  }

  /** What the encoder measures now, in user units. @throws AxisUnsupportedError when the axis has no encoder */
  async measuredPosition(options: ControllerCallOptions = {}): Promise<number> {
    if (!this.encoder) {
      throw new AxisUnsupportedError(this.name, `${this.name} has no encoder that could measure its position`);
    }
    return this.#coordinates.toUser(await this.encoder.read(options));
  }

  /** Sets the velocity of the next moves, units/s, at once; the acceleration stays as it is. @throws as the setter */
  async setVelocity(velocity: number, options: ControllerCallOptions = {}): Promise<void> {
    this.#requireVelocity();
    this.#dynamics.check(velocity);
    await this.drive.ready(options);
    this.#dynamics.velocity = velocity;
    await this.#dynamics.apply(this.drive.link, options);
    this.drive.remember();
  }

  /** Sets the acceleration of the next moves, units/s², at once. @throws as the setter */
  async setAcceleration(acceleration: number, options: ControllerCallOptions = {}): Promise<void> {
    this.drive.link.require("setAcceleration", "has no acceleration to set");
    checkPositive(this.name, "acceleration", acceleration);
    await this.drive.ready(options);
    this.#dynamics.acceleration = acceleration;
    await this.#dynamics.apply(this.drive.link, options);
    this.drive.remember();
  }

  /**
   * Makes the hardware count from elsewhere: where the axis stands becomes `dial`. Nothing moves, and the user position
   * stays, as the offset follows.
   *
   * @throws AxisUnsupportedError when the controller cannot, AxisMovingError while the axis moves
   */
  async setDial(dial: number, options: ControllerCallOptions = {}): Promise<void> {
    await this.drive.ready(options);
    checkFinite(this.name, "dial", dial);
    await this.drive.setDial(dial, options);
  }

  /** Forgets what was set since: velocity, acceleration, limits, backlash and sign are again as the options say. */
  async applyConfig(options: ControllerCallOptions = {}): Promise<void> {
    await this.drive.ready(options);
    const { sign = 1, backlash = 0, velocity, acceleration, lowLimit, highLimit } = this.#options;
    this.sign = sign;
    this.backlash = backlash;
    this.#coordinates.dialLimits = [lowLimit ?? Number.NEGATIVE_INFINITY, highLimit ?? Number.POSITIVE_INFINITY];
    this.velocityLimits = [
      this.#options.velocityLowLimit ?? 0,
      this.#options.velocityHighLimit ?? Number.POSITIVE_INFINITY,
    ];
    if (velocity !== undefined && this.capabilities.velocity) await this.setVelocity(velocity, options);
    if (acceleration !== undefined && this.capabilities.acceleration) await this.setAcceleration(acceleration, options);
  }

  /** Resolves when what is kept over restarts is in the store, or was given up. Moves do not wait for it. */
  async saved(): Promise<void> {
    await this.drive.saved();
  }

  /** Moves and resolves on arrival; an abort stops the axis in flight. @throws as `moveTogether` */
  move(position: number, options: MotionOptions = {}): Promise<void> {
    return startMotion([this.drive], options, (inner) => driveTogether([{ drive: this.drive, to: position }], inner));
  }

  /** Moves by a distance from `target`, or from where another process has moved it since. @throws as `moveTogether` */
  async rmove(distance: number, options: MotionOptions = {}): Promise<void> {
    await this.catchUp(options);
    await this.move(this.target + distance, options);
  }

  /**
   * Moves at constant speed until `stop`, or until it comes to a limit; resolves when it has started. `waitMove` tells how it
   * ended.
   *
   * @param velocity units/s; its sign is the direction. Default `jogVelocity`
   * @throws AxisUnsupportedError when the controller cannot; AxisLimitError, and else as `moveTogether`
   */
  async jog(velocity: number = this.jogVelocity, { signal }: ControllerCallOptions = {}): Promise<void> {
    checkFinite(this.name, "velocity", velocity);
    await startMotion([this.drive], { signal, wait: false }, (inner) => driveJog(this.drive, velocity, inner));
  }

  /**
   * Searches the home switch and resolves on it. Where that is has still to be said: `setDial`, or `position`.
   *
   * @param direction 1: towards higher positions
   * @throws AxisUnsupportedError when the controller cannot; AxisFaultError when there is none; else as `moveTogether`
   */
  async home(direction: SearchDirection = 1, options: MotionOptions = {}): Promise<void> {
    checkDirection(this.name, direction);
    await startMotion([this.drive], options, (inner) => driveSearch(this.drive, "home", direction, inner));
  }

  /** Moves until an end switch of the hardware stops it, which may be beyond the limits. @throws as `home` */
  async hwLimit(direction: SearchDirection, options: MotionOptions = {}): Promise<void> {
    checkDirection(this.name, direction);
    await startMotion([this.drive], options, (inner) => driveSearch(this.drive, "limit", direction, inner));
  }

  /**
   * Learns where the axis is before something relative is done, as another process may have moved it. Nothing is done while
   * the axis moves.
   *
   * @throws AxisDiscrepancyError when it is not where it was left
   */
  catchUp(options: ControllerCallOptions = {}): Promise<void> {
    return this.drive.catchUp(options);
  }

  /** Takes over whatever the controller says, after the axis was moved by hand or its controller restarted. */
  syncHard(options: ControllerCallOptions = {}): Promise<void> {
    return this.drive.syncHard(options);
  }

  /** Powers the motor. @throws AxisUnsupportedError when the controller cannot */
  async on(options: ControllerCallOptions = {}): Promise<void> {
    const { link } = this.drive;
    link.require("powerOn", "cannot be powered on");
    await this.drive.ready(options);
    const answer = this.controller.powerOn?.(this.address, options) ?? Promise.resolve();
    await link.ask("powerOn", answer, options);
    await this.drive.read(options);
  }

  /** Takes the power off. @throws AxisUnsupportedError when the controller cannot, AxisMovingError while the axis moves */
  async off(options: ControllerCallOptions = {}): Promise<void> {
    const { link } = this.drive;
    link.require("powerOff", "cannot be powered off");
    await this.drive.ready(options);
    this.drive.assertFree();
    const answer = this.controller.powerOff?.(this.address, options) ?? Promise.resolve();
    await link.ask("powerOff", answer, options);
    await this.drive.read(options);
  }

  /** Takes the axis into use, and tries its controller anew when that failed. @throws what initialising throws */
  enable(options: ControllerCallOptions = {}): Promise<void> {
    return this.drive.enable(options);
  }

  /** Takes the axis out of use: moves are refused until `enable`. @throws AxisMovingError while it moves */
  disable(reason = "somebody has disabled it"): void {
    if (this.isMoving) this.drive.assertFree();
    this.drive.disable(reason);
  }

  /** Resolves when no move is in progress. @throws what went wrong in a motion that nobody has waited for */
  waitMove(options: ControllerCallOptions = {}): Promise<void> {
    return waitForRest([this.drive], options);
  }

  /** Decelerates to a stop and resolves at rest, whoever moves the axis. A move in progress then throws AxisStoppedError. */
  stop(options: ControllerCallOptions = {}): Promise<void> {
    return this.drive.stop(options);
  }

  /** Calls `listener` with each new position that is read, several times a second while the axis moves. Returns the way out. */
  onPosition(listener: (position: number) => void): () => void {
    return this.drive.positionListeners.add(listener);
  }

  /** Calls `listener` at each change of state. Returns the way out. */
  onState(listener: (state: AxisState) => void): () => void {
    return this.drive.stateListeners.add(listener);
  }

  /** Calls `listener` at the end of each motion, also of one that another process has made. Returns the way out. */
  onMoveDone(listener: () => void): () => void {
    return this.drive.moveDoneListeners.add(listener);
  }

  /** Checks a position without moving. @throws AxisLimitError, or ArgumentError when it is not a finite number */
  checkPosition(position: number): void {
    checkTrajectory([[this, [position]]]);
  }

  #requireVelocity(): void {
    this.drive.link.require("setVelocity", "has no velocity to set");
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

  /** All that is known of it, for people. */
  info(): string {
    return axisText(this);
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.info();
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

function checkDirection(axis: string, direction: SearchDirection): void {
  if (direction === 1 || direction === -1) return;
  throw new ArgumentError("direction", `direction of ${axis} is ${String(direction)}; expected 1 or -1`);
}
