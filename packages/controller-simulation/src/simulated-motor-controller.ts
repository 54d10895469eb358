import { type Clock, systemClock } from "@beamtime/concurrency";
import type { SettingsStore } from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import {
  AxisFaultError,
  type AxisState,
  type ControllerCallOptions,
  type Motion,
  type MotorController,
  type PositionTriggers,
  type SearchDirection,
} from "@beamtime/motion";
import { SimulatedMotor, type SimulatedMotorOptions } from "./simulated-motor.js";
import { answerCommand } from "./simulated-motor-commands.js";
import { SimulatedMotorComparator } from "./simulated-motor-comparator.js";
import { SimulatedMotorEncoder, type SimulatedMotorEncoderOptions } from "./simulated-motor-encoder.js";
import { type MotorCall, SimulatedMotorFaults } from "./simulated-motor-faults.js";
import { SimulatedMotorMemory } from "./simulated-motor-memory.js";
import { TriggerLine } from "./trigger-line.js";

export interface SimulatedMotorControllerOptions {
  /** Default `simulation`. */
  readonly name?: string | undefined;
  readonly clock?: Clock | undefined;
  /** Seconds that every call takes. Default 0. */
  readonly latency?: number | undefined;
  /** The motors there are, besides those of `addMotor`. Default: a motor comes into being when it is asked for. */
  readonly addresses?: readonly string[] | undefined;
  /** Where motors stay over restarts, as values `motor_mockup:<address>:hw_position`. Default: they begin anew. */
  readonly settings?: SettingsStore | undefined;
  /** Hears when settings cannot be read or saved, or an end of a trigger line fails; the motors work on. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** One motor with what belongs to it. */
interface Drive {
  readonly motor: SimulatedMotor;
  readonly comparator: SimulatedMotorComparator;
  readonly line: TriggerLine;
  memory: SimulatedMotorMemory | undefined;
}

/**
 * Motors that move in time as real ones do: they accelerate, go on, decelerate, stop in flight with a ramp, and stand dead on
 * their end switches. Everything is computed from the clock; only armed triggers and `hang` make anything wait.
 *
 * An axis has an encoder of its own address, unless `addEncoder` makes another one there.
 *
 * @example
 * const motors = new SimulatedMotorController({ latency: 0.001 });
 * const roby = new Axis({ name: "roby", controller: motors, velocity: 2, acceleration: 10, unit: "mm" });
 * await roby.move(5);
 */
export class SimulatedMotorController implements MotorController, AsyncDisposable {
  readonly name: string;
  readonly #clock: Clock;
  readonly #latency: number;
  readonly #drives = new Map<string, Drive>();
  readonly #encoders = new Map<string, SimulatedMotorEncoder>();
  readonly #faults = new SimulatedMotorFaults();
  readonly #options: SimulatedMotorControllerOptions;
  #stopTime = 0;

  constructor(options: SimulatedMotorControllerOptions = {}) {
    const { name = "simulation", clock = systemClock, latency = 0, addresses = [] } = options;
    this.name = name;
    this.#clock = clock;
    this.#latency = latency;
    this.#options = options;
    for (const address of addresses) this.addMotor(address);
  }

  /** Of the motors there are. */
  get addresses(): readonly string[] {
    return [...this.#drives.keys()];
  }

  /**
   * Adds a motor that does not start at 0, or that has switches or play.
   * @throws ArgumentError when there is one at the address
   */
  addMotor(address: string, options: SimulatedMotorOptions = {}): void {
    if (this.#drives.has(address)) {
      throw new ArgumentError("address", `${this.name} has a motor ${address} already: expected another address`);
    }
    const { onWarning } = this.#options;
    const motor = new SimulatedMotor(address, options);
    const line = new TriggerLine(`${this.name}:${address}:trigger`);
    const comparator = new SimulatedMotorComparator({ line, clock: this.#clock, onWarning });
    this.#drives.set(address, { motor, comparator, line, memory: undefined });
  }

  /**
   * Adds an encoder. Its readings differ from what the motor counts by the play and the lost steps of the motor.
   * @throws ArgumentError when there is one at the address, or no such motor
   */
  addEncoder(address: string, options: SimulatedMotorEncoderOptions = {}): void {
    if (this.#encoders.has(address)) {
      throw new ArgumentError("address", `${this.name} has an encoder ${address} already: expected another address`);
    }
    const motor = options.motor === undefined ? undefined : this.#drive(options.motor).motor;
    this.#encoders.set(address, new SimulatedMotorEncoder(address, motor, options));
  }

  /** The output of a motor: it carries the pulses of `armTriggers`, always over the same line. */
  triggerLine(address: string): TriggerLine {
    return this.#drive(address).line;
  }

  /** Makes a motor stop dead and report a fault until `repair`. */
  breakDown(address: string, fault: string): void {
    this.#change(address, (motor, now) => motor.breakDown(fault, now));
  }

  /** Ends the fault of `breakDown`. */
  repair(address: string): void {
    this.#drive(address).motor.repair();
  }

  /** Makes a motor lose steps: it counts them, but what it drives stays behind, as the encoder tells. */
  loseSteps(address: string, steps: number): void {
    this.#drive(address).motor.lose(steps);
  }

  /** Makes the next call of a kind throw `error`; then it works again. */
  failNext(call: MotorCall, error: unknown): void {
    this.#faults.failNext(call, error);
  }

  /** Makes all calls of a kind go without an answer from now on: each ends with its signal only. Returns the way back. */
  hang(call: MotorCall): () => void {
    return this.#faults.hang(call);
  }

  /** Makes all motors take so many seconds at least to come to a stop; 0: as long as their acceleration wants. */
  slowStop(seconds: number): void {
    this.#stopTime = seconds;
  }

  /** Resolves when all positions are in the store, or were given up. */
  async saved(): Promise<void> {
    await Promise.all(Array.from(this.#drives.values(), async ({ memory }) => memory?.saved()));
  }

  /** Disarms all triggers, and resolves when all positions are in the store. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const { comparator } of this.#drives.values()) await comparator.close();
    await this.saved();
  }

  /** Puts the motor where an earlier process left it. */
  async initializeAxis(address: string, options: ControllerCallOptions = {}): Promise<void> {
    await this.#answer("initializeAxis", options);
    const drive = this.#drive(address);
    const { settings, onWarning } = this.#options;
    if (!settings || drive.memory) return;
    const memory = new SimulatedMotorMemory(address, settings, onWarning);
    await this.#recall(drive, memory, options);
    drive.memory = memory;
  }

  async readPosition(address: string, options: ControllerCallOptions = {}): Promise<number> {
    await this.#answer("readPosition", options);
    const { motor, memory } = this.#drive(address);
    const now = this.#clock.now();
    memory?.keepOnTheWay(motor, now);
    return motor.positionAt(now);
  }

  async readState(address: string, options: ControllerCallOptions = {}): Promise<AxisState> {
    await this.#answer("readState", options);
    return this.#drive(address).motor.stateAt(this.#clock.now());
  }

  async startMove(motions: readonly Motion[], options: ControllerCallOptions = {}): Promise<void> {
    await this.#answer("startMove", options);
    for (const { address, target } of motions) this.#checkStart(address, "target", target);
    for (const { address, target } of motions) this.#change(address, (motor, now) => motor.start(target, now));
  }

  async stop(addresses: readonly string[], options: ControllerCallOptions = {}): Promise<void> {
    await this.#answer("stop", options);
    for (const address of addresses) {
      this.#change(address, (motor, now) => {
        motor.stopTime = this.#stopTime;
        motor.brake(now);
      });
    }
  }

  async setPosition(address: string, position: number, options: ControllerCallOptions = {}): Promise<number> {
    await this.#answer("setPosition", options);
    const { motor } = this.#drive(address);
    checkNumber(address, "position", position);
    if (motor.isMoving(this.#clock.now())) {
      throw new AxisFaultError(address, `${address} cannot count from elsewhere while it moves: stop it first`);
    }
    this.#change(address, (_motor, now) => motor.recount(position, now));
    return motor.positionAt(this.#clock.now());
  }

  async setVelocity(address: string, velocity: number, options: ControllerCallOptions = {}): Promise<void> {
    await this.#answer("setVelocity", options);
    this.#drive(address).motor.velocity = checkPositive(address, "velocity", velocity);
  }

  async readVelocity(address: string, options: ControllerCallOptions = {}): Promise<number> {
    await this.#answer("readVelocity", options);
    return this.#drive(address).motor.velocity;
  }

  async setAcceleration(address: string, acceleration: number, options: ControllerCallOptions = {}): Promise<void> {
    await this.#answer("setAcceleration", options);
    this.#drive(address).motor.acceleration = checkPositive(address, "acceleration", acceleration);
  }

  async readAcceleration(address: string, options: ControllerCallOptions = {}): Promise<number> {
    await this.#answer("readAcceleration", options);
    return this.#drive(address).motor.acceleration;
  }

  /** Also while the axis jogs: it then changes to the velocity. */
  async startJog(address: string, velocity: number, options: ControllerCallOptions = {}): Promise<void> {
    await this.#answer("startJog", options);
    if (!this.#drive(address).motor.isJogging(this.#clock.now())) this.#checkStart(address, "velocity", velocity);
    checkNumber(address, "velocity", velocity);
    this.#change(address, (motor, now) => motor.jog(velocity, now));
  }

  /** Where the home switch is on the other side, the motor turns round at the end switch; without an end switch it goes on for ever. */
  async startHomeSearch(
    address: string,
    direction: SearchDirection,
    options: ControllerCallOptions = {},
  ): Promise<void> {
    await this.#answer("startHomeSearch", options);
    this.#checkStart(address, "direction", direction);
    this.#change(address, (motor, now) => motor.searchHome(direction, now));
  }

  async startLimitSearch(
    address: string,
    direction: SearchDirection,
    options: ControllerCallOptions = {},
  ): Promise<void> {
    await this.#answer("startLimitSearch", options);
    this.#checkStart(address, "direction", direction);
    this.#change(address, (motor, now) => motor.searchLimit(direction, now));
  }

  async powerOn(address: string, options: ControllerCallOptions = {}): Promise<void> {
    await this.#answer("powerOn", options);
    this.#change(address, (motor, now) => motor.power(true, now));
  }

  async powerOff(address: string, options: ControllerCallOptions = {}): Promise<void> {
    await this.#answer("powerOff", options);
    this.#change(address, (motor, now) => motor.power(false, now));
  }

  async readEncoder(address: string, options: ControllerCallOptions = {}): Promise<number> {
    await this.#answer("readEncoder", options);
    return this.#encoder(address).read(this.#clock.now());
  }

  async setEncoder(address: string, position: number, options: ControllerCallOptions = {}): Promise<void> {
    await this.#answer("setEncoder", options);
    checkNumber(address, "position", position);
    this.#encoder(address).recount(position, this.#clock.now());
  }

  /**
   * Pulses go over `triggerLine(address)`, at the times of the trajectory; also in jogs and searches. A position counts only in the
   * direction of the step, and a motion that begins or ends on it passes it.
   */
  async armTriggers(
    address: string,
    triggers: PositionTriggers | undefined,
    options: ControllerCallOptions = {},
  ): Promise<void> {
    await this.#answer("armTriggers", options);
    const { comparator, motor } = this.#drive(address);
    if (triggers) checkTriggers(address, triggers);
    comparator.arm(triggers);
    comparator.follow(motor.trajectory, motor.origin);
  }

  /**
   * Knows `?VER`, `?AXES`, `?POS a`, `?ENC a`, `?STATE a`, `?VEL a`, `?ACC a`, `VEL a steps/s`, `ACC a steps/s²`,
   * `MOVE a steps b steps …` and `STOP a b …`; answers `ERROR …` to others.
   */
  async rawCommand(command: string, options: ControllerCallOptions = {}): Promise<string> {
    await this.#answer("rawCommand", options);
    return answerCommand(this, command, options);
  }

  async describeAxis(address: string, options: ControllerCallOptions = {}): Promise<string> {
    await this.#answer("describeAxis", options);
    const now = this.#clock.now();
    const { motor, comparator } = this.#drive(address);
    return [
      `simulated motor ${address} of ${this.name}`,
      `  ${motor.positionAt(now)} steps, ${motor.stateAt(now).toString()}`,
      `  ${motor.velocity} steps/s, ${motor.acceleration} steps/s²`,
      `  encoder ${this.#encoder(address).read(now)} steps, ${comparator.left} triggers to come`,
    ].join("\n");
  }

  /** Reads again where the motor was left: another process may have moved it. A motor that moves goes on. */
  async forget(address: string, options: ControllerCallOptions = {}): Promise<void> {
    await this.#answer("forget", options);
    const drive = this.#drive(address);
    if (drive.memory && !drive.motor.isMoving(this.#clock.now())) await this.#recall(drive, drive.memory, options);
  }

  async #recall(drive: Drive, memory: SimulatedMotorMemory, options: ControllerCallOptions): Promise<void> {
    const { motor, comparator } = drive;
    const position = await memory.recall(options);
    if (position === undefined) return;
    motor.place(position, this.#clock.now());
    comparator.follow(motor.trajectory, motor.origin);
  }

  async #answer(call: MotorCall, options: ControllerCallOptions): Promise<void> {
    if (call.startsWith("start")) options.signal?.throwIfAborted(); // what only asks is through at once
    if (this.#latency > 0) await this.#clock.sleep(this.#latency, options);
    await this.#faults.pass(call, options);
  }

  #checkStart(address: string, argument: string, value: number): void {
    checkNumber(address, argument, value);
    const obstacle = this.#drive(address).motor.obstacle(this.#clock.now());
    if (obstacle !== undefined) throw new AxisFaultError(address, `${address} ${obstacle}`);
  }

  /** Does something with a motor, of which its triggers and the store hear. */
  #change(address: string, change: (motor: SimulatedMotor, now: number) => void): void {
    const { motor, comparator, memory } = this.#drive(address);
    change(motor, this.#clock.now());
    comparator.follow(motor.trajectory, motor.origin);
    memory?.keep(motor);
  }

  #encoder(address: string): SimulatedMotorEncoder {
    const known = this.#encoders.get(address);
    if (known) return known;
    const encoder = new SimulatedMotorEncoder(address, this.#drive(address).motor);
    this.#encoders.set(address, encoder);
    return encoder;
  }

  #drive(address: string): Drive {
    const known = this.#drives.get(address);
    if (known) return known;
    if (this.#options.addresses) {
      const expected = this.addresses.join(", ");
      throw new ArgumentError("address", `${this.name} has no motor ${address}: expected one of ${expected}`);
    }
    this.addMotor(address);
    return this.#drive(address);
  }
}

function checkNumber(address: string, argument: string, value: number): void {
  if (Number.isFinite(value)) return;
  throw new ArgumentError(argument, `${argument} of ${address} is ${value}; expected a finite number`);
}

function checkPositive(address: string, argument: string, value: number): number {
  if (value > 0 && Number.isFinite(value)) return value;
  throw new ArgumentError(argument, `${argument} of ${address} is ${value}; expected a positive number, in steps`);
}

function checkTriggers(address: string, { start, step, count }: PositionTriggers): void {
  if (Number.isFinite(start) && Number.isFinite(step) && step !== 0 && Number.isInteger(count) && count > 0) return;
  const given = `start ${start}, step ${step}, count ${count}`;
  throw new ArgumentError(
    "triggers",
    `triggers of ${address} have ${given}; expected finite steps, a step that is not 0, a count from 1`,
  );
}
