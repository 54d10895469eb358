import { type Clock, callWithin } from "@beamtime/concurrency";
import { AxisFaultError, AxisTimeoutError, AxisUnsupportedError } from "./axis-error.js";
import type { ControllerCallOptions, MotorController } from "./motor-controller.js";

/** The methods that a controller may lack. */
type OptionalCall = {
  [K in keyof MotorController]-?: undefined extends MotorController[K] ? K : never;
}[keyof MotorController];

export interface ControllerLinkOptions {
  /** Of the axis, for messages. */
  readonly name: string;
  readonly controller: MotorController;
  readonly address: string;
  readonly clock: Clock;
  /** Seconds that a call may take. */
  readonly answerTime: number;
}

/** How one axis asks its controller: no call takes for ever, and what the controller lacks is told by name. */
export class ControllerLink {
  readonly controller: MotorController;
  readonly address: string;
  readonly #options: ControllerLinkOptions;

  constructor(options: ControllerLinkOptions) {
    this.controller = options.controller;
    this.address = options.address;
    this.#options = options;
  }

  /**
   * Calls the controller and waits for its answer. A call that is late is aborted: it must not hold up the next ones.
   *
   * @throws AxisTimeoutError, the signal's reason, or what the controller throws
   */
  async ask<T>(
    call: string,
    ask: (options: ControllerCallOptions) => Promise<T>,
    { signal }: ControllerCallOptions,
  ): Promise<T> {
    const { name, controller, clock, answerTime } = this.#options;
    const late = (): Error => new AxisTimeoutError(name, controller.name, call, answerTime);
    return await callWithin(answerTime, ask, { clock, signal, late });
  }

  /** Steps. @throws AxisFaultError when the controller answers anything but a number; NaN is for calculated axes alone */
  async readPosition(options: ControllerCallOptions): Promise<number> {
    const steps: unknown = await this.ask(
      "readPosition",
      (inner) => this.controller.readPosition(this.address, inner),
      options,
    );
    if (typeof steps === "number" && (Number.isFinite(steps) || this.controller.realAxes)) return steps;
    const { name, controller } = this.#options;
    const told = typeof steps === "number" ? String(steps) : JSON.stringify(steps);
    const found = `the controller ${controller.name} of ${name} says that it is at ${told}`;
    throw new AxisFaultError(name, `${found}: expected a number of steps: see what is wrong with the hardware`);
  }

  /** @throws AxisUnsupportedError when the controller lacks a call; `what` says what for, `instead` what can be done */
  require(call: OptionalCall, what: string, instead?: string): void {
    const { name, controller } = this.#options;
    if (controller[call] !== undefined) return;
    throw new AxisUnsupportedError(
      name,
      `${name} ${what}: its controller ${controller.name} has no ${call}${instead ? `: ${instead}` : ""}`,
    );
  }
}
