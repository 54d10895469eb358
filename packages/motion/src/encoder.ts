import { type Clock, callWithin, systemClock } from "@beamtime/concurrency";
import { ArgumentError } from "@beamtime/errors";
import { AxisTimeoutError, AxisUnsupportedError } from "./axis-error.js";
import type { ControllerCallOptions, MotorController } from "./motor-controller.js";

export interface EncoderOptions {
  readonly name: string;
  readonly controller: MotorController;
  /** Which encoder of the controller; its name by default. */
  readonly address?: string | undefined;
  /** Steps of the encoder per unit; negative when they count the other way. Default 1. */
  readonly stepsPerUnit?: number | undefined;
  /** How far an axis may be from where it was sent, in its units; 0: not further than numbers are rounded. Default 0.0001. */
  readonly tolerance?: number | undefined;
  readonly unit?: string | undefined;
  readonly clock?: Clock | undefined;
  /** Seconds that a reading may take. Default 5. */
  readonly answerTime?: number | undefined;
}

/**
 * Measures where something is, independently of the motor that moves it. Positions are dial units of the axis it belongs to.
 *
 * @see BLISS `bliss/common/encoder.py`, class `Encoder`
 */
export class Encoder {
  readonly name: string;
  readonly unit: string | undefined;
  readonly tolerance: number;
  readonly stepsPerUnit: number;
  readonly controller: MotorController;
  readonly address: string;
  readonly #clock: Clock;
  readonly #answerTime: number;

  constructor(options: EncoderOptions) {
    const { name, controller, address = name, stepsPerUnit = 1, tolerance = 1e-4 } = options;
    if (!name) throw new ArgumentError("name", "an encoder needs a name");
    if (!Number.isFinite(stepsPerUnit) || stepsPerUnit === 0) {
      throw new ArgumentError("stepsPerUnit", `stepsPerUnit of ${name} is ${stepsPerUnit}; expected any number but 0`);
    }
    if (!(tolerance >= 0)) {
      throw new ArgumentError("tolerance", `tolerance of ${name} is ${tolerance}; expected a number of at least 0`);
    }
    this.name = name;
    this.unit = options.unit;
    this.tolerance = tolerance;
    this.stepsPerUnit = stepsPerUnit;
    this.controller = controller;
    this.address = address;
    this.#clock = options.clock ?? systemClock;
    this.#answerTime = options.answerTime ?? 5;
  }

  /** What it measures now, also in flight. @throws AxisUnsupportedError, AxisTimeoutError, or what the controller throws */
  async read(options: ControllerCallOptions = {}): Promise<number> {
    if (!this.controller.readEncoder) throw this.#unsupported("cannot be read", "readEncoder");
    const read = async (inner: ControllerCallOptions): Promise<number> =>
      (await this.controller.readEncoder?.(this.address, inner)) ?? Number.NaN;
    const steps = await this.#ask("readEncoder", read, options);
    return steps / this.stepsPerUnit;
  }

  /** Makes it count from elsewhere: what it measures is from now on `position`. Nothing moves. @throws as `read` */
  async set(position: number, options: ControllerCallOptions = {}): Promise<void> {
    if (!Number.isFinite(position)) {
      throw new ArgumentError("position", `position of ${this.name} is ${position}; expected a finite number`);
    }
    if (!this.controller.setEncoder) throw this.#unsupported("cannot be set", "setEncoder");
    const steps = position * this.stepsPerUnit;
    await this.#ask("setEncoder", async (inner) => this.controller.setEncoder?.(this.address, steps, inner), options);
  }

  toString(): string {
    return `Encoder(${this.name})`;
  }

  #ask<T>(
    call: string,
    ask: (options: ControllerCallOptions) => Promise<T>,
    { signal }: ControllerCallOptions,
  ): Promise<T> {
    const late = (): Error => new AxisTimeoutError(this.name, this.controller.name, call, this.#answerTime);
    return callWithin(this.#answerTime, ask, { clock: this.#clock, signal, late });
  }

  #unsupported(what: string, call: string): AxisUnsupportedError {
    const message = `${this.name} ${what}: its controller ${this.controller.name} has no ${call}`;
    return new AxisUnsupportedError(this.name, message);
  }
}
