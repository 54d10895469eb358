import { systemClock } from "@beamtime/concurrency";
import { ArgumentError } from "@beamtime/errors";
import { checkDirection, checkFinite, checkNotNegative, checkPositive } from "./axis-arguments.js";
import { AxisCoordinates } from "./axis-coordinates.js";
import { AxisDrive } from "./axis-drive.js";
import { AxisDynamics } from "./axis-dynamics.js";
import { AxisUnsupportedError } from "./axis-error.js";
import { AxisMemory } from "./axis-memory.js";
import type { AxisOptions } from "./axis-options.js";
import { AxisSettings } from "./axis-settings.js";
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

/**
 * Something that moves along one coordinate. Positions are in user units, except where `dial` is said.
 *
 * Nothing is asked of the hardware at construction: `initialize` does, or the first move. What the getters tell is
 * what was last read.
 *
 * @see BLISS `bliss/common/axis.py`, class `Axis`
 */
export class Axis extends AxisSettings {
  readonly name: string;
  readonly tolerance: number;
  readonly encoder: Encoder | undefined;
  readonly motionHooks: readonly MotionHook[];
  /** @internal */
  readonly drive: AxisDrive;

  constructor(options: AxisOptions) {
    super(options);
    const { name, controller, stepsPerUnit = 1, tolerance = 1e-4, pollingTime = 0.02 } = options;
    // calculated axes answer when the others have
    const isCalculated = controller.realAxes !== undefined;
    const { answerTime = isCalculated ? 30 : 5 } = options;
    if (!name) throw new ArgumentError("name", "an axis needs a name");
    if (!Number.isFinite(stepsPerUnit) || stepsPerUnit === 0) {
      throw new ArgumentError("stepsPerUnit", `stepsPerUnit of ${name} is ${stepsPerUnit}; expected any number but 0`);
    }
    checkFinite(name, "offset", options.offset ?? 0);
    checkFinite(name, "backlash", options.backlash ?? 0);
    checkNotNegative(name, "tolerance", tolerance);
    if (controller.recount && (options.sign === -1 || options.offset)) {
      const given = options.offset ? `offset of ${name} is ${options.offset}` : `sign of ${name} is -1`;
      throw new ArgumentError("offset", `${given}; expected none: the axes it is calculated from have theirs`);
    }
    if (options.modulo !== undefined) checkPositive(name, "modulo", options.modulo);
    checkPositive(name, "pollingTime", pollingTime);
    checkPositive(name, "answerTime", answerTime);
    this.name = name;
    this.tolerance = tolerance;
    this.encoder = options.encoder;
    this.motionHooks = options.motionHooks ?? [];
    const coordinates = new AxisCoordinates({
      name,
      unit: options.unit,
      sign: options.sign ?? 1,
      offset: options.offset ?? 0,
      hasOffset: controller.recount === undefined,
      lowLimit: options.lowLimit ?? Number.NEGATIVE_INFINITY,
      highLimit: options.highLimit ?? Number.POSITIVE_INFINITY,
      modulo: options.modulo,
    });
    const dynamics = new AxisDynamics({
      axis: coordinates,
      stepsPerUnit,
      velocity: options.velocity,
      acceleration: options.acceleration,
      jogVelocity: options.jogVelocity,
      velocityLimits: [options.velocityLowLimit ?? 0, options.velocityHighLimit ?? Number.POSITIVE_INFINITY],
    });
    const readPositionFrom = options.readPositionFrom ?? "controller";
    this.drive = new AxisDrive({
      axis: this,
      coordinates,
      dynamics,
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
      checkDiscrepancy: options.checkDiscrepancy ?? (readPositionFrom === "controller" && !isCalculated),
      readPositionFrom,
      memory: options.settings && new AxisMemory(name, options.settings, options.onWarning),
      live: options.live,
      locks: options.locks,
      onWarning: options.onWarning,
    });
  }

  /** That of the options, or what the controller has told. */
  get unit(): string | undefined {
    return this.drive.coordinates.unit;
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

  /** Period of the positions that moves are sent to, of an axis that has one. */
  get modulo(): number | undefined {
    return this.drive.coordinates.modulo;
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

  get state(): AxisState {
    return this.drive.state;
  }

  get isMoving(): boolean {
    return !this.drive.idle.isOpen || this.state.has("MOVING");
  }

  /** Whether this process moves it, and not another one. */
  get isMovedHere(): boolean {
    return !this.drive.idle.isOpen;
  }

  get isInitialized(): boolean {
    return this.drive.isInitialized;
  }

  /** Whether it is out of use: somebody has disabled it, or its controller failed at the start. `enable` revives it. */
  get disabled(): boolean {
    return this.drive.availability.state !== undefined;
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
      const message = `${this.name} has no encoder that could measure its position: give it one, or read its position`;
      throw new AxisUnsupportedError(this.name, message);
    }
    await this.drive.refresh(options);
    return this.drive.coordinates.toUser(await this.encoder.read(options));
  }

  /** Resolves when what is kept over restarts is in the store, or was given up. Moves do not wait for it. */
  async saved(): Promise<void> {
    await this.drive.saved();
  }

  /** Moves and resolves on arrival; an abort stops the axis in flight. @throws as `moveTogether` */
  move(position: number, options: MotionOptions = {}): Promise<void> {
    return this.#go(this.targetOf(position), options);
  }

  /** Moves by a distance from `target`, or from where another process has moved it since. @throws as `moveTogether` */
  async rmove(distance: number, options: MotionOptions = {}): Promise<void> {
    await this.catchUp(options);
    await this.#go(this.target + distance, options);
  }

  #go(to: number, options: MotionOptions): Promise<void> {
    return startMotion([this.drive], options, (inner) => driveTogether([{ drive: this.drive, to }], inner));
  }

  /** Where a move to a position leads: there, but for an axis with a modulo. */
  targetOf(position: number): number {
    return this.drive.coordinates.reduced(position);
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
  async syncHard(options: ControllerCallOptions = {}): Promise<void> {
    for (const axis of this.realAxes) await axis.syncHard(options);
    await this.drive.syncHard(options);
  }

  /** Powers the motor. @throws AxisUnsupportedError when the controller cannot */
  async on(options: ControllerCallOptions = {}): Promise<void> {
    const { link } = this.drive;
    link.require("powerOn", "cannot be powered on", "switch it on by hand");
    await this.drive.ready(options);
    await link.ask("powerOn", async (inner) => this.controller.powerOn?.(this.address, inner), options);
    await this.drive.read(options);
  }

  /** Takes the power off. @throws AxisUnsupportedError when the controller cannot, AxisMovingError while the axis moves */
  async off(options: ControllerCallOptions = {}): Promise<void> {
    const { link } = this.drive;
    link.require("powerOff", "cannot be powered off", "switch it off by hand");
    await this.drive.ready(options);
    this.drive.assertFree();
    await link.ask("powerOff", async (inner) => this.controller.powerOff?.(this.address, inner), options);
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

  /** Checks a position against the limits of this axis alone, as one of several that move together. @throws as `checkPosition` */
  checkLimits(position: number): void {
    this.drive.coordinates.check(this.targetOf(position));
  }

  /** Checks a position without moving. @throws AxisLimitError, or ArgumentError when it is not a finite number */
  checkPosition(position: number): void {
    checkTrajectory([[this, [this.targetOf(position)]]]);
  }

  override toString(): string {
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
