import { type Clock, systemClock } from "@beamtime/concurrency";
import type { SettingsStore } from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import {
  AxisFaultError,
  type AxisState,
  type ControllerCallOptions,
  KeptSettings,
  type Motion,
  type MotorController,
} from "@beamtime/motion";
import { SimulatedMotor } from "./simulated-motor.js";

export interface SimulatedMotorControllerOptions {
  /** Default `simulation`. */
  readonly name?: string | undefined;
  readonly clock?: Clock | undefined;
  /** Seconds that every call takes. Default 0. */
  readonly latency?: number | undefined;
  /** Where motors stay over restarts, as values `motor_mockup:<address>:hw_position`. Default: they begin anew. */
  readonly settings?: SettingsStore | undefined;
  /** Hears when settings cannot be read or saved; the motors work on. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

const positionField = "hw_position";

/** A call of {@link MotorController} that can be made to fail. */
export type MotorCall = Exclude<keyof MotorController, "name" | "initializeAxis">;

/**
 * Motors that move in time as real ones do: they accelerate, go on, decelerate, and stop in flight with a ramp.
 * Everything is computed from the clock: there are no timers, and nothing to close.
 *
 * @example
 * const motors = new SimulatedMotorController({ latency: 0.001 });
 * const roby = new Axis({ name: "roby", controller: motors, velocity: 2, acceleration: 10, unit: "mm" });
 * await roby.move(5);
 */
export class SimulatedMotorController implements MotorController {
  readonly name: string;
  readonly #clock: Clock;
  readonly #latency: number;
  readonly #motors = new Map<string, SimulatedMotor>();
  readonly #failures = new Map<MotorCall, unknown>();
  readonly #options: SimulatedMotorControllerOptions;
  readonly #kept = new Map<string, KeptSettings>();

  constructor(options: SimulatedMotorControllerOptions = {}) {
    const { name = "simulation", clock = systemClock, latency = 0 } = options;
    this.name = name;
    this.#clock = clock;
    this.#latency = latency;
    this.#options = options;
  }

  /**
   * Adds a motor that does not start at 0 or that has end switches, in steps; others come into being when they are asked for.
   * @throws ArgumentError when there is one at the address
   */
  addMotor(address: string, { position = 0, limits }: { position?: number; limits?: readonly [number, number] }): void {
    if (this.#motors.has(address)) {
      throw new ArgumentError("address", `${this.name} has a motor ${address} already: expected another address`);
    }
    const motor = new SimulatedMotor(position);
    if (limits) motor.limits = limits;
    this.#motors.set(address, motor);
  }

  /** Makes a motor stop dead and report a fault until `repair`. */
  breakDown(address: string, fault: string): void {
    this.#motor(address).breakDown(fault, this.#clock.now());
    this.#keep(address);
  }

  /** Ends the fault of `breakDown`. */
  repair(address: string): void {
    this.#motor(address).repair();
  }

  /** Makes the next call of a kind throw `error`; then it works again. */
  failNext(call: MotorCall, error: unknown): void {
    this.#failures.set(call, error);
  }

  /** Puts the motor where an earlier process left it. */
  async initializeAxis(address: string, options: ControllerCallOptions = {}): Promise<void> {
    const { settings: store, onWarning } = this.#options;
    if (!store || this.#kept.has(address)) return;
    const owner = `motor_mockup:${address}`;
    const kept = new KeptSettings({ owner, store: motorStore(store, owner), onWarning });
    const position = (await kept.load(options)).get(positionField);
    this.#kept.set(address, kept);
    if (typeof position === "number" && Number.isFinite(position)) this.#motor(address).place(position);
  }

  /** Resolves when all positions are in the store, or were given up. */
  async saved(): Promise<void> {
    await Promise.all(Array.from(this.#kept.values(), (kept) => kept.saved()));
  }

  async readPosition(address: string, options: ControllerCallOptions = {}): Promise<number> {
    await this.#answer("readPosition", options);
    return this.#motor(address).positionAt(this.#clock.now());
  }

  async readState(address: string, options: ControllerCallOptions = {}): Promise<AxisState> {
    await this.#answer("readState", options);
    return this.#motor(address).stateAt(this.#clock.now());
  }

  async startMove(motions: readonly Motion[], options: ControllerCallOptions = {}): Promise<void> {
    await this.#answer("startMove", options);
    const now = this.#clock.now();
    for (const { address } of motions) {
      const obstacle = this.#motor(address).obstacle(now);
      if (obstacle !== undefined) throw new AxisFaultError(address, `${address} ${obstacle}`);
    }
    for (const { address, target } of motions) {
      this.#motor(address).start(target, now);
      this.#keep(address);
    }
  }

  async stop(addresses: readonly string[], options: ControllerCallOptions = {}): Promise<void> {
    await this.#answer("stop", options);
    for (const address of addresses) {
      this.#motor(address).brake(this.#clock.now());
      this.#keep(address);
    }
  }

  async setPosition(address: string, position: number, options: ControllerCallOptions = {}): Promise<number> {
    await this.#answer("setPosition", options);
    this.#motor(address).place(position);
    this.#keep(address);
    return position;
  }

  async setVelocity(address: string, velocity: number, options: ControllerCallOptions = {}): Promise<void> {
    await this.#answer("setVelocity", options);
    this.#motor(address).velocity = velocity;
  }

  async setAcceleration(address: string, acceleration: number, options: ControllerCallOptions = {}): Promise<void> {
    await this.#answer("setAcceleration", options);
    this.#motor(address).acceleration = acceleration;
  }

  async #answer(call: MotorCall, { signal }: ControllerCallOptions): Promise<void> {
    signal?.throwIfAborted();
    if (this.#latency > 0) await this.#clock.sleep(this.#latency, { signal });
    if (this.#failures.size === 0 || !this.#failures.has(call)) return;
    const error = this.#failures.get(call);
    this.#failures.delete(call);
    throw error;
  }

  /** Keeps where a motor will stand: a process that ends meanwhile leaves it there, as real motors go on. */
  #keep(address: string): void {
    this.#kept.get(address)?.keep({ [positionField]: this.#motor(address).restPosition });
  }

  #motor(address: string): SimulatedMotor {
    let motor = this.#motors.get(address);
    if (!motor) {
      motor = new SimulatedMotor(0);
      this.#motors.set(address, motor);
    }
    return motor;
  }
}

/** The position has a name of its own, that of BLISS's mockups: a motor is where either system has left it. */
function motorStore(store: SettingsStore, owner: string): Pick<SettingsStore, "load" | "save"> {
  const name = `${owner}:${positionField}`;
  return {
    async load() {
      const position = await store.loadValue(name);
      return new Map(position === undefined ? [] : [[positionField, position]]);
    },
    save: (_owner, _field, position) => store.saveValue(name, position ?? 0),
  };
}
