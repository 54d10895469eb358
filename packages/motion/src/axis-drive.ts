import { type Clock, Gate } from "@beamtime/concurrency";
import type { AxisCoordinates } from "./axis-coordinates.js";
import { AxisFaultError, AxisStoppedError } from "./axis-error.js";
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
    await this.controller.initializeAxis?.(this.address, options);
    await this.setVelocity(this.#velocity, options);
    await this.setAcceleration(this.#acceleration, options);
    await this.read(options);
    this.setPoint = this.#position;
    this.#initialized = true;
  }

  async setVelocity(velocity: number, options: ControllerCallOptions): Promise<void> {
    await this.controller.setVelocity(this.address, velocity * Math.abs(this.#options.stepsPerUnit), options);
    this.#velocity = velocity;
  }

  async setAcceleration(acceleration: number, options: ControllerCallOptions): Promise<void> {
    await this.controller.setAcceleration(this.address, acceleration * Math.abs(this.#options.stepsPerUnit), options);
    this.#acceleration = acceleration;
  }

  async readPosition(options: ControllerCallOptions): Promise<number> {
    const steps = await this.controller.readPosition(this.address, options);
    const position = this.coordinates.toUser(steps / this.#options.stepsPerUnit);
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
    const { backlash } = this.#options;
    return (target - this.#position) * backlash < 0 ? target - backlash : undefined;
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
    const slack = Math.max(this.#options.tolerance, 1 / Math.abs(this.#options.stepsPerUnit));
    if (Math.abs(this.#position - target) > slack) {
      const found = `${this.name} came to rest at ${this.#position} instead of ${target}`;
      throw new AxisFaultError(this.name, `${found}: ${this.#state.toString()}`);
    }
  }

  /** Resolves once the axis is at rest; where it stands is then also its set point. */
  async settle(options: ControllerCallOptions): Promise<void> {
    await this.#rest(0, options);
    this.setPoint = this.#position;
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
