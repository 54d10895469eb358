import { type Clock, systemClock } from "@beamtime/concurrency";
import { ArgumentError } from "@beamtime/errors";
import {
  AxisFaultError,
  type AxisState,
  type ControllerCallOptions,
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
}

/** A call of {@link MotorController} that can be made to fail. */
export type MotorCall = "readPosition" | "readState" | "startMove" | "stop" | "setVelocity" | "setAcceleration";

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

  constructor({ name = "simulation", clock = systemClock, latency = 0 }: SimulatedMotorControllerOptions = {}) {
    this.name = name;
    this.#clock = clock;
    this.#latency = latency;
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
  }

  /** Ends the fault of `breakDown`. */
  repair(address: string): void {
    this.#motor(address).repair();
  }

  /** Makes the next call of a kind throw `error`; then it works again. */
  failNext(call: MotorCall, error: unknown): void {
    this.#failures.set(call, error);
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
    for (const { address, target } of motions) this.#motor(address).start(target, now);
  }

  async stop(addresses: readonly string[], options: ControllerCallOptions = {}): Promise<void> {
    await this.#answer("stop", options);
    for (const address of addresses) this.#motor(address).brake(this.#clock.now());
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

  #motor(address: string): SimulatedMotor {
    let motor = this.#motors.get(address);
    if (!motor) {
      motor = new SimulatedMotor(0);
      this.#motors.set(address, motor);
    }
    return motor;
  }
}
