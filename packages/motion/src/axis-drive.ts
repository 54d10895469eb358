import { type Clock, Gate } from "@beamtime/concurrency";
import { ArgumentError } from "@beamtime/errors";
import type { AxisCoordinates } from "./axis-coordinates.js";
import { AxisFaultError, AxisMovingError, AxisStoppedError } from "./axis-error.js";
import type { AxisMemory, RecalledAxis } from "./axis-memory.js";
import { AxisState } from "./axis-state.js";
import { Listeners } from "./listeners.js";
import type { ControllerCallOptions, Motion, MotorController } from "./motor-controller.js";
import { Trajectory } from "./trajectory.js";

export interface AxisDriveOptions {
  readonly coordinates: AxisCoordinates;
  readonly controller: MotorController;
  readonly address: string;
  readonly clock: Clock;
  readonly stepsPerUnit: number;
  readonly velocity: number;
  readonly acceleration: number;
  readonly tolerance: number;
  readonly backlash: number;
  readonly pollingTime: number;
  readonly memory: AxisMemory | undefined;
}

/** The conversation of one axis with its controller, and what is known of the hardware since. Positions are user units. */
export class AxisDrive {
  readonly coordinates: AxisCoordinates;
  readonly controller: MotorController;
  readonly address: string;
  /** Open while nobody moves the axis. */
  readonly idle = new Gate({ open: true });
  readonly positionListeners = new Listeners<number>();
  readonly stateListeners = new Listeners<AxisState>();
  /** Where it was last sent; where it stands after a stop, or when it was never sent anywhere. */
  setPoint = Number.NaN;
  /** Set when somebody asked for a stop during the move in progress. */
  stopRequested = false;
  readonly #options: AxisDriveOptions;
  #backlash: number;
  #velocity: number;
  #acceleration: number;
  #position = Number.NaN;
  #state = AxisState.ready;
  #initialized = false;
  #initializing: Promise<void> | undefined;

  constructor(options: AxisDriveOptions) {
    this.coordinates = options.coordinates;
    this.controller = options.controller;
    this.address = options.address;
    this.#options = options;
    this.#velocity = options.velocity;
    this.#acceleration = options.acceleration;
    this.#backlash = options.backlash;
  }

  get name(): string {
    return this.coordinates.name;
  }

  get velocity(): number {
    return this.#velocity;
  }

  get acceleration(): number {
    return this.#acceleration;
  }

  get stepsPerUnit(): number {
    return this.#options.stepsPerUnit;
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

  get state(): AxisState {
    return this.#state;
  }

  get isInitialized(): boolean {
    return this.#initialized;
  }

  /** Makes the controller know the axis and its dynamics, reads position and state. Once; again only after a failure. */
  initialize(options: ControllerCallOptions): Promise<void> {
    this.#initializing ??= this.#initialize(options).catch((error: unknown) => {
      this.#initializing = undefined;
      throw error;
    });
    return this.#initializing;
  }

  async #initialize(options: ControllerCallOptions): Promise<void> {
    const recalled = await this.#options.memory?.recall(options);
    if (recalled) this.#takeUp(recalled);
    await this.controller.initializeAxis?.(this.address, options);
    await this.setVelocity(this.#velocity, options);
    await this.setAcceleration(this.#acceleration, options);
    await this.read(options);
    if (recalled?.stepsPerUnit) this.#rescale(recalled.stepsPerUnit);
    this.setPoint = this.#position;
    this.#initialized = true;
    this.remember();
  }

  #takeUp(recalled: RecalledAxis): void {
    const { coordinates } = this;
    const [low = coordinates.dialLimits[0], high = coordinates.dialLimits[1]] = recalled.dialLimits;
    if (low <= high) coordinates.dialLimits = [low, high];
    coordinates.sign = recalled.sign ?? coordinates.sign;
    coordinates.offset = recalled.offset ?? coordinates.offset;
    this.#backlash = recalled.backlash ?? this.#backlash;
    this.#velocity = recalled.velocity ?? this.#velocity;
    this.#acceleration = recalled.acceleration ?? this.#acceleration;
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
    const { coordinates } = this;
    const [dial, target] = [coordinates.toDial(this.#position), coordinates.toDial(this.setPoint)];
    change();
    this.setPoint = coordinates.toUser(target);
    this.#locate(coordinates.toUser(dial));
    this.remember();
  }

  /** Makes the controller count from elsewhere; the user position stays. @throws ArgumentError when it cannot */
  async setDial(dial: number, options: ControllerCallOptions): Promise<void> {
    const { controller, coordinates, stepsPerUnit } = this;
    if (!controller.setPosition) {
      const message = `the controller ${controller.name} of ${this.name} cannot set its position; expected a change of the offset instead`;
      throw new ArgumentError("dial", message);
    }
    if (!this.idle.isOpen) throw new AxisMovingError(this.name);
    const position = this.#position;
    const steps = await controller.setPosition(this.address, dial * stepsPerUnit, options);
    coordinates.offset = position - (coordinates.sign * steps) / stepsPerUnit;
    this.setPoint = position;
    this.remember();
  }

  /** Keeps what there is to know of the axis for the next process; nothing before it is known. */
  remember(): void {
    if (this.#initialized) this.#options.memory?.remember(this);
  }

  async setVelocity(velocity: number, options: ControllerCallOptions): Promise<void> {
    await this.controller.setVelocity(this.address, velocity * Math.abs(this.#options.stepsPerUnit), options);
    this.#velocity = velocity;
    this.remember();
  }

  async setAcceleration(acceleration: number, options: ControllerCallOptions): Promise<void> {
    await this.controller.setAcceleration(this.address, acceleration * Math.abs(this.#options.stepsPerUnit), options);
    this.#acceleration = acceleration;
    this.remember();
  }

  async readPosition(options: ControllerCallOptions): Promise<number> {
    const steps = await this.controller.readPosition(this.address, options);
    return this.#locate(this.coordinates.toUser(steps / this.#options.stepsPerUnit));
  }

  #locate(position: number): number {
    if (position !== this.#position) {
      this.#position = position;
      this.positionListeners.notify(position);
    }
    return position;
  }

  /** State first, then position: a state of rest comes with the position of rest. */
  async read(options: ControllerCallOptions): Promise<AxisState> {
    const state = await this.controller.readState(this.address, options);
    await this.readPosition(options);
    if (!state.equals(this.#state)) {
      this.#state = state;
      this.stateListeners.notify(state);
    }
    return state;
  }

  /** The position to pass first, so that a move ends in the direction of the backlash; undefined when it does anyway. */
  detourTo(target: number): number | undefined {
    const backlash = this.#backlash;
    return (target - this.#position) * backlash < 0 ? target - backlash : undefined;
  }

  /** How far from its set point an axis may rest. */
  get #slack(): number {
    return Math.max(this.#options.tolerance, 1 / Math.abs(this.#options.stepsPerUnit));
  }

  /** The motion to the set point, as the controller wants it. */
  motion(): Motion {
    return { address: this.address, target: this.coordinates.toDial(this.setPoint) * this.#options.stepsPerUnit };
  }

  /**
   * Follows the motion to the set point until its end. The axis is asked at each polling time, and when it should arrive.
   *
   * @throws AxisFaultError when the controller reports a fault, or the axis comes to rest elsewhere
   * @throws AxisStoppedError when a stop was asked for
   */
  async arrive(options: ControllerCallOptions): Promise<void> {
    const target = this.setPoint;
    const dynamics = { velocity: this.#velocity, acceleration: this.#acceleration };
    const arrival = Trajectory.move(this.#position, target, dynamics, this.#options.clock.now()).end;
    await this.#rest(arrival, options);
    const fault = this.#state.description("FAULT");
    if (fault !== undefined) throw new AxisFaultError(this.name, `${this.name} is in fault: ${fault}`);
    if (this.stopRequested) throw new AxisStoppedError(this.name, this.#position, target);
    if (Math.abs(this.#position - target) > this.#slack) {
      const found = `${this.name} came to rest at ${this.#position} instead of ${target}`;
      throw new AxisFaultError(this.name, `${found}: ${this.#state.toString()}`);
    }
  }

  /** Reads where the axis is; when it is not where it was last sent, somebody else has moved it, and that is the set point. */
  async catchUp(options: ControllerCallOptions): Promise<void> {
    if (!this.#initialized) return await this.initialize(options);
    if (!this.idle.isOpen) return;
    await this.read(options);
    if (!this.idle.isOpen || Math.abs(this.#position - this.setPoint) <= this.#slack) return;
    this.setPoint = this.#position;
    this.remember();
  }

  /** Resolves once the axis is at rest; where it stands is then also its set point. */
  async settle(options: ControllerCallOptions): Promise<void> {
    await this.#rest(0, options);
    this.setPoint = this.#position;
    this.remember();
  }

  async #rest(arrival: number, options: ControllerCallOptions): Promise<void> {
    const { clock, pollingTime } = this.#options;
    for (;;) {
      const isEarly = clock.now() < arrival;
      if (!(await this.read(options)).has("MOVING")) return;
      const pause = isEarly ? Math.max(0, arrival - clock.now()) : pollingTime;
      await clock.sleep(Math.min(pause, pollingTime), options);
    }
  }
}
