import { type Clock, Gate } from "@beamtime/concurrency";
import { type DeviceLocks, type LiveValues, type LockableDevice, scanUsing } from "@beamtime/core";
import { ArgumentError, errorMessage } from "@beamtime/errors";
import type { PlainValue } from "@beamtime/protocol";
import type { Axis } from "./axis.js";
import { type AxisChannelName, AxisChannels } from "./axis-channels.js";
import type { AxisCoordinates } from "./axis-coordinates.js";
import type { AxisDynamics } from "./axis-dynamics.js";
import {
  AxisDisabledError,
  AxisDiscrepancyError,
  AxisEncoderError,
  AxisFaultError,
  AxisMovingError,
  AxisStoppedError,
} from "./axis-error.js";
import { axisFields } from "./axis-fields.js";
import type { AxisMemory, RecalledAxis } from "./axis-memory.js";
import { AxisState } from "./axis-state.js";
import { ControllerLink } from "./controller-link.js";
import type { Encoder } from "./encoder.js";
import { Listeners } from "./listeners.js";
import type { ControllerCallOptions, Motion, MotorController } from "./motor-controller.js";
import { Trajectory } from "./trajectory.js";

/** Seconds after which another process that was moving the axis, and tells nothing any more, is thought dead. */
const remotePatience = 2;

export interface AxisDriveOptions {
  readonly axis: Axis;
  readonly coordinates: AxisCoordinates;
  readonly dynamics: AxisDynamics;
  readonly controller: MotorController;
  readonly address: string;
  readonly clock: Clock;
  readonly stepsPerUnit: number;
  readonly tolerance: number;
  readonly backlash: number;
  readonly pollingTime: number;
  readonly answerTime: number;
  readonly encoder: Encoder | undefined;
  readonly checkEncoder: boolean;
  readonly checkDiscrepancy: boolean;
  readonly readPositionFrom: "controller" | "encoder";
  readonly memory: AxisMemory | undefined;
  readonly live: LiveValues | undefined;
  readonly locks: DeviceLocks | undefined;
}

/** The conversation of one axis with its controller, and what is known of the hardware since. Positions are user units. */
export class AxisDrive {
  readonly axis: Axis;
  readonly coordinates: AxisCoordinates;
  readonly dynamics: AxisDynamics;
  readonly controller: MotorController;
  readonly address: string;
  readonly link: ControllerLink;
  /** Open while nobody of this process moves the axis. */
  readonly idle = new Gate({ open: true });
  readonly positionListeners = new Listeners<number>();
  readonly stateListeners = new Listeners<AxisState>();
  readonly moveDoneListeners = new Listeners<void>();
  /** Where it was last sent; where it stands after a stop, or when it was never sent anywhere. */
  setPoint = Number.NaN;
  /** Set when somebody asked for a stop during the motion in progress. */
  stopRequested = false;
  /** How a motion ended that nobody waited for. */
  unawaited: Promise<void> | undefined;
  readonly #options: AxisDriveOptions;
  #channels: AxisChannels | undefined;
  #backlash: number;
  #position = Number.NaN;
  /** Where it was left, in dial units: found elsewhere at rest, somebody else has moved it. */
  #restDial = Number.NaN;
  #state = AxisState.ready;
  #initialized = false;
  #initializing: Promise<void> | undefined;
  #disabled: { readonly reason: string; readonly cause?: unknown } | undefined;
  /** When another process last told of a motion of its own. */
  #remoteMotion: number | undefined;
  /** Another process has moved the axis: the controller may not know. */
  #isStale = false;

  constructor(options: AxisDriveOptions) {
    this.axis = options.axis;
    this.coordinates = options.coordinates;
    this.dynamics = options.dynamics;
    this.controller = options.controller;
    this.address = options.address;
    this.#options = options;
    this.#backlash = options.backlash;
    this.link = new ControllerLink({ ...options, name: options.coordinates.name });
  }

  get name(): string {
    return this.coordinates.name;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  get stepsPerUnit(): number {
    return this.#options.stepsPerUnit;
  }

  get locks(): DeviceLocks | undefined {
    return this.#options.locks;
  }

  get backlash(): number {
    return this.#backlash;
  }

  set backlash(backlash: number) {
    this.#backlash = backlash;
    this.remember();
  }

  /** Last known position; NaN before it was first read. */
  get position(): number {
    return this.#position;
  }

  /** The dial position that others are told: in flight where it is, at rest where it was left. */
  get keptDial(): number {
    return this.idle.isOpen ? this.#restDial : this.coordinates.toDial(this.#position);
  }

  get state(): AxisState {
    if (this.#disabled) return new AxisState([["DISABLED", this.#disabled.reason]]);
    return this.#state;
  }

  get isInitialized(): boolean {
    return this.#initialized;
  }

  get isDisabled(): boolean {
    return this.#disabled !== undefined;
  }

  /** Whether another process moves the axis now, as far as it tells. */
  get isMovedElsewhere(): boolean {
    return this.#remoteMotion !== undefined && this.clock.now() - this.#remoteMotion < remotePatience;
  }

  /** Makes the controller know the axis and its dynamics, reads position and state. Once; again only after a failure. */
  initialize(options: ControllerCallOptions): Promise<void> {
    this.#initializing ??= this.#initialize(options).catch((error: unknown) => {
      this.#initializing = undefined;
      const isGivenUp = options.signal?.aborted ?? false;
      if (!isGivenUp) this.#disabled = { reason: `its controller failed: ${errorMessage(error)}`, cause: error };
      throw error;
    });
    return this.#initializing;
  }

  /** Sees to it that the axis can be used. @throws AxisDisabledError, or what initialising throws */
  async ready(options: ControllerCallOptions): Promise<void> {
    if (this.#disabled) throw this.#disabledError();
    if (!this.#initialized) await this.initialize(options);
  }

  /** Takes the axis out of use. */
  disable(reason: string): void {
    this.#disabled = { reason };
    this.#tellState();
  }

  /** Takes the axis into use again, and tries anew what has failed. */
  async enable(options: ControllerCallOptions): Promise<void> {
    this.#disabled = undefined;
    if (this.#initialized) await this.read(options);
    else await this.initialize(options);
    this.#tellState();
  }

  async #initialize(options: ControllerCallOptions): Promise<void> {
    const { memory, live } = this.#options;
    const { controller, address, link } = this;
    const recalled = await memory?.recall(options);
    if (recalled) this.#takeUp(recalled);
    if (controller.initializeAxis) {
      await link.ask("initializeAxis", controller.initializeAxis(address, options), options);
    }
    this.dynamics.tellAgain();
    await this.dynamics.apply(link, options);
    await this.read(options);
    this.#acceptPosition();
    if (recalled?.dial !== undefined && !this.#state.has("MOVING")) this.#compare(recalled, recalled.dial);
    if (recalled?.stepsPerUnit) this.#rescale(recalled.stepsPerUnit);
    this.#initialized = true;
    this.#disabled = undefined;
    if (live) {
      this.#channels ??= new AxisChannels({
        axis: this.name,
        live,
        clock: this.clock,
        saved: async () => memory?.saved(),
        onChange: (field, value) => this.#hear(field, value),
      });
    }
    this.controller.watch?.(address, {
      position: (steps) => this.#watched(() => this.#locate(this.#userOf(steps))),
      state: (state) => this.#watched(() => this.#enter(state)),
    });
    this.remember();
  }

  #takeUp(recalled: RecalledAxis): void {
    const { coordinates, dynamics } = this;
    const [low = coordinates.dialLimits[0], high = coordinates.dialLimits[1]] = recalled.dialLimits;
    if (low <= high) coordinates.dialLimits = [low, high];
    coordinates.sign = recalled.sign ?? coordinates.sign;
    coordinates.offset = recalled.offset ?? coordinates.offset;
    this.#backlash = recalled.backlash ?? this.#backlash;
    const [slowest = dynamics.velocityLimits[0], fastest = dynamics.velocityLimits[1]] = recalled.velocityLimits;
    if (slowest >= 0 && slowest <= fastest) dynamics.velocityLimits = [slowest, fastest];
    unlessRefused(() => {
      if (recalled.velocity !== undefined) dynamics.velocity = recalled.velocity;
    });
    unlessRefused(() => {
      if (recalled.acceleration !== undefined) dynamics.acceleration = recalled.acceleration;
    });
    unlessRefused(() => {
      if (recalled.jogVelocity !== undefined) dynamics.jogVelocity = recalled.jogVelocity;
    });
  }

  /** Where an earlier process left the axis; a move that it could not see the end of explains anything on its way. */
  #compare({ stepsPerUnit, setPoint }: RecalledAxis, dial: number): void {
    const { coordinates } = this;
    const scale = stepsPerUnit === undefined ? 1 : stepsPerUnit / this.stepsPerUnit;
    const left = dial * scale;
    const target = setPoint === undefined ? left : coordinates.toDial(setPoint) * scale;
    const isOnTheWay =
      this.#restDial >= Math.min(left, target) - this.#slack && this.#restDial <= Math.max(left, target) + this.#slack;
    if (!isOnTheWay) this.#restDial = left;
  }

  /** The configuration counts other steps than before: the axis stands where it stood for the user, as in BLISS. */
  #rescale(before: number): void {
    const { coordinates, stepsPerUnit } = this;
    if (before === stepsPerUnit) return;
    const dial = coordinates.toDial(this.#position);
    const user = coordinates.toUser((dial * stepsPerUnit) / before);
    this.recount(() => {
      coordinates.offset = user - coordinates.sign * dial;
      const [low, high] = coordinates.dialLimits;
      if (before * stepsPerUnit < 0) coordinates.dialLimits = [-high, -low];
    });
  }

  /** Changes how positions are counted; the axis stays where it is on its dial. @throws AxisMovingError while it moves */
  recount(change: () => void): void {
    if (!this.idle.isOpen) throw new AxisMovingError(this.name);
    this.#recount(change);
    this.remember();
  }

  #recount(change: () => void): void {
    const { coordinates } = this;
    const [dial, target] = [coordinates.toDial(this.#position), coordinates.toDial(this.setPoint)];
    change();
    this.setPoint = coordinates.toUser(target);
    this.#locate(coordinates.toUser(dial));
  }

  /** Makes the controller count from elsewhere; the user position stays. @throws AxisUnsupportedError when it cannot */
  async setDial(dial: number, options: ControllerCallOptions): Promise<void> {
    const { controller, coordinates, stepsPerUnit, link } = this;
    link.require("setPosition", "cannot be given another dial position (change its offset instead)");
    if (!this.idle.isOpen) throw new AxisMovingError(this.name);
    const position = this.#position;
    const answer = controller.setPosition?.(this.address, dial * stepsPerUnit, options) ?? Promise.resolve(Number.NaN);
    const steps = await link.ask("setPosition", answer, options);
    coordinates.offset = position - (coordinates.sign * steps) / stepsPerUnit;
    this.#acceptPosition();
    this.remember();
  }

  /** Tells all there is to know of the axis to the next process and to the others; nothing before it is known. */
  remember(): void {
    if (!this.#initialized) return;
    const { memory } = this.#options;
    if (!memory && !this.#channels) return;
    const fields = axisFields(this);
    memory?.remember(fields, this.dynamics.velocityLimits);
    this.#channels?.tell(fields, this.dynamics.velocityLimits, this.state);
  }

  /** Resolves when what is kept and told has left this process. */
  async saved(): Promise<void> {
    await this.#options.memory?.saved();
    await this.#channels?.told();
  }

  async readPosition(options: ControllerCallOptions): Promise<number> {
    const { encoder, readPositionFrom } = this.#options;
    await this.#refresh(options);
    if (encoder && readPositionFrom === "encoder") {
      return this.#locate(this.coordinates.toUser(await encoder.read(options)));
    }
    return this.#locate(this.#userOf(await this.link.readPosition(options)));
  }

  #userOf(steps: number): number {
    return this.coordinates.toUser(steps / this.stepsPerUnit);
  }

  #locate(position: number): number {
    if (position !== this.#position) {
      this.#position = position;
      this.positionListeners.notify(position);
      if (!this.idle.isOpen && this.#channels) this.remember();
    }
    return position;
  }

  #enter(state: AxisState): void {
    if (state.equals(this.#state)) return;
    this.#state = state;
    this.#tellState();
  }

  #tellState(): void {
    this.stateListeners.notify(this.state);
    if (this.#channels) this.remember();
  }

  /** State first, then position: a state of rest comes with the position of rest. */
  async read(options: ControllerCallOptions): Promise<AxisState> {
    await this.#refresh(options);
    const state = await this.link.ask("readState", this.controller.readState(this.address, options), options);
    await this.readPosition(options);
    if (!this.isMovedElsewhere || state.has("MOVING")) this.#enter(state);
    return state;
  }

  /** A controller that remembers must not remember what is no longer true. */
  async #refresh(options: ControllerCallOptions): Promise<void> {
    if (!this.#isStale) return;
    this.#isStale = false;
    const { controller, address, link } = this;
    if (controller.forget) await link.ask("forget", controller.forget(address, options), options);
  }

  /** Where it stands is where it is known to be. */
  #acceptPosition(): void {
    this.#restDial = this.coordinates.toDial(this.#position);
    this.setPoint = this.#position;
  }

  /** Takes over whatever the controller says, after it was moved by hand or restarted. */
  async syncHard(options: ControllerCallOptions): Promise<void> {
    if (!this.idle.isOpen) throw new AxisMovingError(this.name);
    if (!this.#initialized) return await this.initialize(options);
    this.#isStale = true;
    this.#remoteMotion = undefined;
    this.dynamics.tellAgain();
    await this.read(options);
    this.#acceptPosition();
    this.remember();
  }

  /** @throws AxisDisabledError, or AxisMovingError when the axis is busy, here or elsewhere */
  assertFree(): void {
    if (this.#disabled) throw this.#disabledError();
    if (!this.idle.isOpen) throw new AxisMovingError(this.name);
    if (this.isMovedElsewhere) throw new AxisMovingError(this.name, "another process");
  }

  /** What must be locked for a motion beside those of a scan here: the name for all processes, if there is any. */
  get lockName(): string | undefined {
    const device: LockableDevice = this.axis;
    const { name, lockName = name } = device;
    return this.#options.locks && lockName !== null && scanUsing(device) === undefined ? lockName : undefined;
  }

  /**
   * Makes ready for a motion: the controller has the dynamics, and the axis is where it was left.
   *
   * @throws AxisDisabledError, AxisMovingError, or AxisDiscrepancyError
   */
  async prepare(options: ControllerCallOptions): Promise<void> {
    await this.ready(options);
    await this.dynamics.apply(this.link, options);
    if (this.#state.has("READY")) await this.readPosition(options);
    else await this.read(options);
    if (this.#state.has("MOVING")) throw new AxisMovingError(this.name, "somebody else");
    if (this.#state.has("OFF")) {
      const message = `${this.name} cannot move: ${this.#state.description("OFF")}: call on() of the axis`;
      throw new AxisDisabledError(this.name, message);
    }
    if (this.#options.checkDiscrepancy) await this.#checkPlace(options);
    else this.#restDial = this.coordinates.toDial(this.#position);
  }

  /** Learns where the axis is before something relative is done. @throws AxisDisabledError, AxisDiscrepancyError */
  async catchUp(options: ControllerCallOptions): Promise<void> {
    await this.ready(options);
    if (!this.idle.isOpen) return;
    await this.read(options);
    if (this.#options.checkDiscrepancy) await this.#checkPlace(options);
  }

  async #checkPlace(options: ControllerCallOptions): Promise<void> {
    const found = this.coordinates.toDial(this.#position);
    if (Math.abs(found - this.#restDial) <= this.#slack) return;
    // another process may have moved it, and what it told is still on its way here
    const recalled = await this.#options.memory?.recall(options);
    if (recalled?.dial === undefined || Math.abs(found - recalled.dial) > this.#slack) {
      throw new AxisDiscrepancyError(this.name, this.#restDial, found, this.coordinates.unit);
    }
    this.#acceptPosition();
  }

  /** How far an axis may be from where it should be. */
  get #slack(): number {
    return Math.max(this.#options.tolerance, 1 / Math.abs(this.stepsPerUnit));
  }

  /** The position to pass first, so that a move ends in the direction of the backlash; undefined when it does anyway. */
  detourTo(target: number): number | undefined {
    const backlash = this.#backlash;
    return (target - this.#position) * backlash < 0 ? target - backlash : undefined;
  }

  /** The motion to a position, as the controller wants it. */
  motionTo(position: number): Motion {
    return { address: this.address, target: this.stepsAt(position) };
  }

  stepsAt(position: number): number {
    return this.coordinates.toDial(position) * this.stepsPerUnit;
  }

  /** A motion begins: nobody else may begin one. */
  take(): void {
    this.idle.close();
    this.stopRequested = false;
    this.#remoteMotion = undefined;
  }

  /** The motion has begun. */
  begun(): void {
    this.#channels?.clearStop();
    this.#enter(AxisState.moving);
  }

  /** The motion has ended: the axis stands. */
  give(): void {
    this.#restDial = this.coordinates.toDial(this.#position);
    this.idle.open();
    this.remember();
    this.moveDoneListeners.notify();
  }

  /** The motion could not begin: the axis is as it was. */
  giveBack(): void {
    this.idle.open();
    this.remember();
  }

  /**
   * Follows the motion to the set point until its end. The axis is asked at each polling time, and when it should arrive.
   *
   * @throws AxisFaultError when the controller reports a fault, or the axis comes to rest elsewhere
   * @throws AxisStoppedError when a stop was asked for
   */
  async arrive(options: ControllerCallOptions): Promise<void> {
    const target = this.setPoint;
    const { velocity, acceleration } = this.dynamics;
    const arrival = Trajectory.move(this.#position, target, { velocity, acceleration }, this.clock.now()).end;
    await this.rest(options, { arrival });
    this.assertSound();
    const { unit } = this.coordinates;
    if (this.stopRequested) throw new AxisStoppedError(this.name, this.#position, target, unit);
    if (Math.abs(this.#position - target) > this.#slack) {
      const suffix = unit ? ` ${unit}` : "";
      const found = `${this.name} came to rest at ${this.#position}${suffix} instead of ${target}${suffix}`;
      throw new AxisFaultError(this.name, `${found}: ${this.#state.toString()}`);
    }
  }

  /** @throws AxisEncoderError when the encoder does not confirm where the axis is */
  async confirm(options: ControllerCallOptions): Promise<void> {
    const { encoder, checkEncoder } = this.#options;
    if (!encoder || !checkEncoder) return;
    const measured = this.coordinates.toUser(await encoder.read(options));
    if (Math.abs(measured - this.setPoint) <= encoder.tolerance) return;
    throw new AxisEncoderError(this.name, measured, this.setPoint, encoder.tolerance, this.coordinates.unit);
  }

  /**
   * Follows the search of a switch until its end.
   *
   * @throws AxisFaultError when it ends without the switch
   */
  async find(switches: readonly string[], what: string, options: ControllerCallOptions): Promise<void> {
    await this.rest(options, {});
    this.assertSound();
    if (this.stopRequested) {
      throw new AxisStoppedError(this.name, this.#position, Number.NaN, this.coordinates.unit);
    }
    if (switches.some((flag) => this.#state.has(flag))) return;
    const place = `${this.#position}${this.coordinates.unit ? ` ${this.coordinates.unit}` : ""}`;
    throw new AxisFaultError(
      this.name,
      `${this.name} did not find ${what}, and stands at ${place}: ${this.#state.toString()}`,
    );
  }

  /** @throws AxisFaultError when the controller reports a fault */
  assertSound(): void {
    const fault = this.#state.description("FAULT");
    if (fault !== undefined) throw new AxisFaultError(this.name, `${this.name} is in fault: ${fault}`);
  }

  /** Resolves once the axis is at rest; where it stands is then also its set point. */
  async settle(options: ControllerCallOptions): Promise<void> {
    await this.rest(options, {});
    this.#acceptPosition();
    this.remember();
  }

  /** Reads the axis until it is at rest. `onRead` hears after each reading. */
  async rest(
    options: ControllerCallOptions,
    { arrival = 0, onRead }: { readonly arrival?: number; readonly onRead?: () => Promise<void> | undefined },
  ): Promise<void> {
    const { clock, pollingTime } = this.#options;
    for (;;) {
      const isEarly = clock.now() < arrival;
      if (!(await this.read(options)).has("MOVING")) return;
      await onRead?.();
      const pause = isEarly ? Math.max(0, arrival - clock.now()) : pollingTime;
      await clock.sleep(Math.min(pause, pollingTime), options);
    }
  }

  /** Makes the axis stop, whoever moves it; resolves at rest. */
  async stop(options: ControllerCallOptions): Promise<void> {
    this.stopRequested = true;
    if (this.idle.isOpen && this.isMovedElsewhere) this.#channels?.requestStop();
    await this.link.ask("stop", this.controller.stop([this.address], options), options);
    if (!this.idle.isOpen) return await this.idle.wait(options);
    while (this.isMovedElsewhere) await this.clock.sleep(this.#options.pollingTime, options);
    this.#isStale = this.#channels !== undefined;
    await this.settle(options);
  }

  /** What the controller tells by itself; at rest somebody else moves the axis, and that is known. */
  #watched(change: () => void): void {
    change();
    if (!this.idle.isOpen) return;
    this.#acceptPosition();
    this.remember();
  }

  /** What another process tells of the axis. */
  #hear(field: AxisChannelName, value: PlainValue): void {
    this.#options.memory?.forget(field);
    const isBusy = !this.idle.isOpen;
    if (field === "move_stop") {
      if (value === true && isBusy) void this.axis.stop().catch(() => {}); // the move tells what goes wrong
    } else if (field === "state") {
      if (!isBusy) this.#hearState(statesOf(value));
    } else if (typeof value === "number" && field !== "position") {
      this.#hearNumber(field, value, isBusy);
    }
  }

  #hearState(flags: readonly string[]): void {
    if (flags.length === 0) return;
    this.#remoteMotion = flags.includes("MOVING") ? this.clock.now() : undefined;
    this.#isStale = true;
    const state = new AxisState(flags);
    if (state.equals(this.#state)) return;
    this.#state = state;
    this.stateListeners.notify(this.state);
    if (this.#remoteMotion === undefined) this.moveDoneListeners.notify();
  }

  #hearNumber(field: AxisChannelName, value: number, isBusy: boolean): void {
    const { coordinates, dynamics } = this;
    const [low, high] = coordinates.dialLimits;
    const [slowest, fastest] = dynamics.velocityLimits;
    switch (field) {
      case "dial_position":
        if (isBusy) return;
        if (this.#remoteMotion !== undefined) this.#remoteMotion = this.clock.now();
        this.#isStale = true;
        this.#restDial = value;
        this.#locate(coordinates.toUser(value));
        return;
      case "_set_position":
        if (!isBusy) this.setPoint = value;
        return;
      case "offset":
        this.#recount(() => {
          coordinates.offset = value;
        });
        return;
      case "sign":
        if (value === 1 || value === -1) {
          this.#recount(() => {
            coordinates.sign = value;
          });
        }
        return;
      case "backlash":
        this.#backlash = value;
        return;
      default:
        unlessRefused(() => {
          if (field === "low_limit") coordinates.dialLimits = [value, high];
          else if (field === "high_limit") coordinates.dialLimits = [low, value];
          else if (field === "velocity_low_limit") dynamics.velocityLimits = [value, fastest];
          else if (field === "velocity_high_limit") dynamics.velocityLimits = [slowest, value];
          else if (field === "velocity") dynamics.velocity = value;
          else if (field === "acceleration") dynamics.acceleration = value;
          else if (field === "jog_velocity") dynamics.jogVelocity = value;
        });
    }
  }

  #disabledError(): AxisDisabledError {
    const { reason = "", cause } = this.#disabled ?? {};
    const message = `${this.name} is disabled: ${reason}: call enable() of the axis when that is mended`;
    return new AxisDisabledError(this.name, message, { cause });
  }
}

/** The states that a process tells: those of BLISS as a list, or one as a text. */
function statesOf(value: PlainValue): readonly string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((name) => typeof name === "string") : [];
}

/** What others, or earlier processes, have left may not fit the limits of now: it is then left alone. */
function unlessRefused(change: () => void): void {
  try {
    change();
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
  }
}
