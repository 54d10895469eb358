import { RandomSource } from "./random-source.js";
import type { SimulatedMotor } from "./simulated-motor.js";

/** What a simulated encoder is like. */
export interface SimulatedMotorEncoderOptions {
  /** The motor whose load it measures, by its address. Default: none, it stays where it is. */
  readonly motor?: string | undefined;
  /** Steps of the encoder for one step of the motor; negative when it counts the other way. Default 1. */
  readonly stepsPerStep?: number | undefined;
  /** What it counts where the load of the motor is at 0. Default 0. */
  readonly offset?: number | undefined;
  /** Standard deviation of its readings, in its steps. Default 0. */
  readonly noise?: number | undefined;
  /** Of the noise; the address by default. */
  readonly seed?: number | string | undefined;
}

/** An encoder on what a motor drives: it sees what the motor does not count, play and lost steps. */
export class SimulatedMotorEncoder {
  readonly #motor: SimulatedMotor | undefined;
  readonly #scale: number;
  readonly #noise: number;
  readonly #random: RandomSource;
  #offset: number;

  constructor(address: string, motor: SimulatedMotor | undefined, options: SimulatedMotorEncoderOptions = {}) {
    this.#motor = motor;
    this.#scale = options.stepsPerStep ?? 1;
    this.#offset = options.offset ?? 0;
    this.#noise = options.noise ?? 0;
    this.#random = new RandomSource(options.seed ?? address);
  }

  /** What it reads now, in its steps. */
  read(time: number): number {
    const noise = this.#noise > 0 ? this.#noise * this.#random.normal() : 0;
    return this.#place(time) + noise;
  }

  /** Counts from elsewhere. */
  recount(position: number, time: number): void {
    this.#offset += position - this.#place(time);
  }

  #place(time: number): number {
    return this.#offset + this.#scale * (this.#motor?.loadAt(time) ?? 0);
  }
}
