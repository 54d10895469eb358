import { type Clock, Gate } from "@beamtime/concurrency";
import type { Axis } from "./axis.js";
import { roundingAt } from "./axis-arguments.js";
import { AxisAvailability } from "./axis-availability.js";
import type { AxisCoordinates } from "./axis-coordinates.js";
import type { AxisDriveOptions } from "./axis-drive-options.js";
import type { AxisDynamics } from "./axis-dynamics.js";
import { AxisMovingError, AxisStoppedError } from "./axis-error.js";
import { AxisPlace } from "./axis-place.js";
import { AxisSharing } from "./axis-sharing.js";
import { AxisState } from "./axis-state.js";
import { ControllerLink } from "./controller-link.js";
import { DoneOnce } from "./done-once.js";
import { rest } from "./follow-motion.js";
import { Listeners } from "./listeners.js";
import type { ControllerCallOptions, MotorController } from "./motor-controller.js";
import { readUnit } from "./read-unit.js";
import { placeLeft, rescale, takeUp } from "./recalled-axis.js";
import { requestStop } from "./stop-axes.js";

/** The conversation of one axis with its controller, and what is known of the hardware since. Positions are user units. */
export class AxisDrive {
  readonly axis: Axis;
  readonly coordinates: AxisCoordinates;
  readonly dynamics: AxisDynamics;
  readonly controller: MotorController;
  readonly address: string;
  readonly link: ControllerLink;
  readonly place: AxisPlace;
  /** Open while nobody of this process moves the axis. */
  readonly idle = new Gate({ open: true });
  readonly positionListeners: Listeners<number>;
  readonly stateListeners: Listeners<AxisState>;
  readonly moveDoneListeners: Listeners<void>;
  /** Each move ends in the direction of its sign, from at least so far away. */
  backlash: number;
  /** Where it was last sent; where it stands after a stop, or when it was never sent anywhere. */
  setPoint = Number.NaN;
  /** Set when somebody asked for a stop during the motion in progress. */
  stopRequested = false;
  /** Hears so, at once. */
  onStop: (() => void) | undefined;
  /** Why the controller could not be told so. */
  stopFailure: { readonly error: unknown } | undefined;
  /** How the last motion ended, when nobody has waited for it yet. */
  unawaited: { readonly ended: Promise<void>; isTold: boolean } | undefined;
  /** Who moves it, where that is not one who moves this axis alone. */
  #holder: string | undefined;
  readonly options: AxisDriveOptions;
  readonly sharing: AxisSharing;
  readonly #beginning = new DoneOnce((options) => this.#initialize(options));
  #position = Number.NaN;
  #state = AxisState.ready;
  #initialized = false;
  /** Whether it may be used. */
  readonly availability: AxisAvailability;
  /** Another process has moved the axis: the controller may not know. */
  #isStale = false;
  /** How often the controller has told something by itself. */
  #pushes = 0;

  constructor(options: AxisDriveOptions) {
    this.axis = options.axis;
    this.coordinates = options.coordinates;
    this.dynamics = options.dynamics;
    this.controller = options.controller;
    this.address = options.address;
    this.options = options;
    this.backlash = options.backlash;
    this.link = new ControllerLink({ ...options, name: options.coordinates.name });
    this.sharing = new AxisSharing(this, options);
    this.place = new AxisPlace(this, options);
    this.availability = new AxisAvailability(this.name);
    const { onWarning } = options;
    this.positionListeners = new Listeners({ subject: `the position of ${this.name}`, onWarning });
    this.stateListeners = new Listeners({ subject: `the state of ${this.name}`, onWarning });
    this.moveDoneListeners = new Listeners({ subject: `the ends of motions of ${this.name}`, onWarning });
  }

  get name(): string {
    return this.coordinates.name;
  }

  get clock(): Clock {
    return this.options.clock;
  }

  get stepsPerUnit(): number {
    return this.options.stepsPerUnit;
  }

  /** Seconds between two readings in flight. */
  get pollingTime(): number {
    return this.options.pollingTime;
  }

  /** Last known position; NaN before it was first read. */
  get position(): number {
    return this.#position;
  }

  get state(): AxisState {
    return this.availability.state ?? this.#state;
  }

  get isInitialized(): boolean {
    return this.#initialized;
  }

  /** Makes the controller know the axis and its dynamics, reads position and state. Once; again only after a failure. */
  async initialize(options: ControllerCallOptions): Promise<void> {
    if (!this.#initialized) await this.#beginning.run(options);
  }

  /** Sees to it that the axis can be used. @throws AxisDisabledError, or what initialising throws */
  async ready(options: ControllerCallOptions): Promise<void> {
    this.availability.assert();
    await this.initialize(options);
  }

  /** Takes the axis out of use. */
  disable(reason: string): void {
    this.availability.disable(reason);
    this.#tellState();
  }

  /** Takes the axis into use again, and tries anew what has failed. */
  async enable(options: ControllerCallOptions): Promise<void> {
    this.availability.enable();
    if (this.#initialized) await this.read(options);
    else await this.initialize(options);
    this.#tellState();
  }

  async #initialize(options: ControllerCallOptions): Promise<void> {
    try {
      await this.#begin(options);
    } catch (error) {
      if (!options.signal?.aborted) this.availability.failed(error);
      throw error;
    }
  }

  async #begin(options: ControllerCallOptions): Promise<void> {
    const { memory } = this.options;
    const { controller, address, link } = this;
    const recalled = await memory?.recall(options);
    if (recalled) takeUp(this, recalled);
    await link.ask("initializeAxis", async (inner) => controller.initializeAxis?.(address, inner), options);
    await readUnit(this, options);
    this.dynamics.tellAgain();
    await this.dynamics.apply(link, options);
    await this.read(options);
    this.acceptPosition();
    const left = this.#state.has("MOVING") ? Number.NaN : recalled && placeLeft(this, recalled);
    if (left !== undefined) this.place.hear(left);
    if (recalled?.stepsPerUnit) rescale(this, recalled.stepsPerUnit);
    this.#initialized = true;
    this.availability.enable();
    this.sharing.join();
    this.controller.watch?.(address, {
      position: (steps, isHeard) => this.#watched(() => this.#locate(this.#userOf(steps)), isHeard),
      state: (state, isHeard) => this.#watched(() => this.#enter(state), isHeard),
    });
    this.remember();
  }

  /** Changes how positions are counted; the axis stays where it is on its dial. @throws AxisMovingError while it moves */
  recount(change: () => void): void {
    this.#assertIdle();
    if (this.#initialized && this.#state.has("MOVING")) throw new AxisMovingError(this.name, "somebody else");
    this.place.claim();
    this.adoptCount(change);
    this.remember();
  }

  /** The same, as another process has done it. */
  adoptCount(change: () => void): void {
    const { coordinates } = this;
    const [dial, target] = [coordinates.toDial(this.#position), coordinates.toDial(this.setPoint)];
    change();
    this.setPoint = coordinates.toUser(target);
    this.#locate(coordinates.toUser(dial));
  }

  /** Makes the controller count from elsewhere; the user position stays, or else the offset: see `Axis`. It is taken for that. */
  async setDial(dial: number, options: ControllerCallOptions): Promise<void> {
    const { controller, coordinates, stepsPerUnit, link } = this;
    link.require("setPosition", "cannot be given another dial position (change its offset instead)");
    const position = await this.readPosition(options);
    const wasElsewhere = this.place.isElsewhere;
    const set = async (inner: ControllerCallOptions): Promise<number> =>
      (await controller.setPosition?.(this.address, dial * stepsPerUnit, inner)) ?? Number.NaN;
    const steps = await link.ask("setPosition", set, options);
    if (wasElsewhere || !coordinates.hasOffset) this.#locate(this.#userOf(steps));
    else coordinates.offset = position - (coordinates.sign * steps) / stepsPerUnit;
    this.acceptPosition();
    this.remember();
  }

  /** Tells all there is to know of the axis to the next process and to the others; nothing before it is known. */
  remember(): void {
    if (this.#initialized) this.sharing.tell();
  }

  /** Resolves when what is kept and told has left this process. */
  async saved(): Promise<void> {
    await this.sharing.told();
  }

  async readPosition(options: ControllerCallOptions): Promise<number> {
    const { encoder, readPositionFrom } = this.options;
    await this.refresh(options);
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
      if (!this.idle.isOpen && this.sharing.isLive) this.remember();
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
    if (this.sharing.isLive && !this.sharing.isHearing) this.remember();
  }

  /** State first, then position: a state of rest comes with the position of rest. */
  async read(options: ControllerCallOptions): Promise<AxisState> {
    await this.refresh(options);
    const pushes = this.#pushes;
    const state = await this.link.ask("readState", (inner) => this.controller.readState(this.address, inner), options);
    await this.readPosition(options);
    if (pushes !== this.#pushes) return this.#state; // newer than the answer
    if (!this.sharing.isMovedElsewhere || state.has("MOVING")) this.#enter(state);
    return state;
  }

  /** A controller that remembers must not remember what is no longer true. */
  async refresh(options: ControllerCallOptions): Promise<void> {
    if (!this.#isStale) return;
    const { controller, address, link } = this;
    await link.ask("forget", async (inner) => controller.forget?.(address, inner), options);
    this.#isStale = false;
  }

  /** Where it stands is where it is known to be. */
  acceptPosition(): void {
    this.place.accept();
    this.setPoint = this.#position;
  }

  /** Takes over whatever the controller says, after it was moved by hand or restarted. */
  async syncHard(options: ControllerCallOptions): Promise<void> {
    this.#assertIdle();
    if (!this.#initialized) return await this.initialize(options);
    this.#isStale = true;
    this.sharing.ownMotion();
    this.dynamics.tellAgain();
    if ((await this.read(options)).has("MOVING")) throw new AxisMovingError(this.name, "somebody else");
    this.acceptPosition();
    this.remember();
  }

  /** @throws AxisDisabledError, or AxisMovingError when the axis is busy, here or elsewhere */
  assertFree(): void {
    this.availability.assert();
    this.#assertIdle();
    if (this.sharing.isMovedElsewhere) throw new AxisMovingError(this.name, "another process");
  }

  #assertIdle(): void {
    if (!this.idle.isOpen) throw new AxisMovingError(this.name, this.#holder);
  }

  /** Learns where the axis is before something relative is done. @throws AxisDisabledError, AxisDiscrepancyError, AxisStoppedError */
  async catchUp(options: ControllerCallOptions): Promise<void> {
    await this.ready(options);
    if (!this.idle.isOpen) return;
    this.stopRequested = false;
    await this.read(options);
    await this.place.check(options);
    this.assertNotStopped(Number.NaN);
  }

  /** How far an axis may be from where it should be. */
  get slack(): number {
    const step = 1 / Math.abs(this.stepsPerUnit);
    // a controller that counts in units does not round to them
    const isRounded = step !== 1 || this.controller.hasWholeSteps;
    return Math.max(this.options.tolerance, isRounded ? step : roundingAt(this.#position));
  }

  stepsAt(position: number): number {
    return this.coordinates.toDial(position) * this.stepsPerUnit;
  }

  /** A motion begins: nobody else may begin one. @param holder on whose behalf, for messages */
  take(holder?: string): void {
    this.idle.close();
    this.#holder = holder;
    this.stopRequested = false;
    this.stopFailure = undefined;
    this.unawaited = undefined;
    this.sharing.ownMotion();
  }

  /** @throws AxisStoppedError when somebody has asked for a stop of the motion in progress */
  assertNotStopped(target: number): void {
    if (this.stopRequested) throw new AxisStoppedError(this.name, this.position, target, this.coordinates.unit);
  }

  /** The motion has begun. */
  begun(): void {
    this.sharing.clearStop();
    this.place.depart();
    this.#enter(AxisState.moving);
  }

  /** The motion has ended. An axis that has not arrived goes on from where it was last seen. */
  give({ hasArrived }: { readonly hasArrived: boolean }): void {
    if (hasArrived) this.place.accept();
    else this.acceptPosition();
    this.idle.open();
    this.remember();
    this.moveDoneListeners.notify();
  }

  /** The motion could not begin: the axis is as it was. */
  giveBack(): void {
    this.idle.open();
    this.remember();
  }

  /** Resolves once the axis is at rest; where it stands is then also its set point. */
  async settle(options: ControllerCallOptions): Promise<void> {
    await rest(this, options);
    this.acceptPosition();
    this.remember();
  }

  /** Makes the axis stop, whoever moves it; resolves at rest. */
  async stop(options: ControllerCallOptions): Promise<void> {
    const wasMoving = this.#state.has("MOVING");
    if (this.idle.isOpen && this.sharing.isMovedElsewhere) this.sharing.requestStop();
    await Promise.all(requestStop([this], options));
    if (!this.idle.isOpen) return await this.idle.wait(options);
    await this.standstill(options);
    this.#isStale = this.sharing.isLive;
    // an axis that stood all the time must still be where it was left
    if (wasMoving || (await this.read(options)).has("MOVING")) await this.settle(options);
  }

  /** Resolves when nobody moves it any more that is not of this process. */
  async standstill(options: ControllerCallOptions): Promise<void> {
    while (this.sharing.isMovedElsewhere) await this.clock.sleep(this.pollingTime, options);
    if (this.#state.has("MOVING")) await rest(this, options);
  }

  /** What the controller tells by itself; at rest somebody else moves the axis, and that is known. */
  #watched(change: () => void, isHeard = false): void {
    this.#pushes++;
    this.sharing.hearing(change, isHeard);
    if (!this.idle.isOpen) return;
    this.acceptPosition();
    if (!isHeard) this.remember();
  }

  /** Another process has left the axis there. @param dial dial units */
  adoptPlace(dial: number): void {
    this.#isStale = true;
    this.place.hear(dial);
    this.#locate(this.coordinates.toUser(dial));
  }

  /** Another process has seen the axis in a state. */
  adoptState(state: AxisState): void {
    this.#isStale = true;
    if (state.equals(this.#state)) return;
    this.#state = state;
    this.stateListeners.notify(this.state);
    if (!state.has("MOVING")) this.moveDoneListeners.notify();
  }
}
