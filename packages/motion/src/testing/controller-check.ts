import { Axis } from "../axis.js";
import type { AxisOptions } from "../axis-options.js";
import type { MotorCapabilities, MotorController } from "../motor-controller.js";
import type { CheckSetup } from "./check-options.js";
import { CheckedMotor } from "./checked-motor.js";
import { ConformanceError } from "./conformance-error.js";

/** What a check works with. */
export class CheckRig {
  readonly controller: MotorController;
  readonly setup: CheckSetup;
  /** The axis that moves; it stands at the beginning of the range. */
  readonly motor: CheckedMotor;
  readonly #second: CheckedMotor | undefined;

  constructor(controller: MotorController, setup: CheckSetup) {
    const [first, second] = setup.options.addresses;
    this.controller = controller;
    this.setup = setup;
    this.motor = new CheckedMotor(controller, first, setup);
    this.#second = second === undefined ? undefined : new CheckedMotor(controller, second, setup);
  }

  get motors(): readonly CheckedMotor[] {
    return this.#second ? [this.motor, this.#second] : [this.motor];
  }

  /** Of a check that `needsTwo`. */
  get second(): CheckedMotor {
    if (!this.#second) throw new ConformanceError("a second address is needed");
    return this.#second;
  }

  /** Both, in the range, with the dynamics of the checks. */
  async prepare(): Promise<void> {
    const { velocity, acceleration, range } = this.setup;
    for (const motor of this.motors) {
      const { controller, address, call } = motor;
      if (controller.initializeAxis) await motor.ask("initializeAxis", controller.initializeAxis(address, call));
      if (controller.powerOn && (await motor.state()).has("OFF")) {
        await motor.ask("powerOn", controller.powerOn(address, call));
      }
      if (controller.setVelocity) await motor.ask("setVelocity", controller.setVelocity(address, velocity, call));
      if (controller.setAcceleration) {
        await motor.ask("setAcceleration", controller.setAcceleration(address, acceleration, call));
      }
      if (Math.abs((await motor.position()) - range[0]) > this.setup.tolerance) await motor.go(range[0]);
    }
  }

  /** Stops whatever moves, for the next check. What goes wrong is not told: the check has said so, or the next one will. */
  async leave(): Promise<void> {
    const addresses = this.motors.map(({ address }) => address);
    try {
      await this.motor.ask("stop", this.controller.stop(addresses, {}));
      for (const motor of this.motors) await motor.rest(motor.duration(1), "stop");
    } catch {
      // see above
    }
  }

  /** An axis of it, of ten steps per unit. */
  axis({ address }: CheckedMotor, options: Partial<AxisOptions> = {}): Axis {
    const { clock, velocity, acceleration, tolerance, answerTime, pollingTime } = this.setup;
    return new Axis({
      name: `axis ${address}`,
      controller: this.controller,
      address,
      stepsPerUnit: 10,
      velocity: velocity / 10,
      acceleration: acceleration / 10,
      tolerance: tolerance / 10,
      clock,
      answerTime,
      pollingTime,
      ...options,
    });
  }
}

/** One thing that a controller must do. */
export interface ControllerCheck {
  readonly name: string;
  /** What the controller must do, in a sentence. */
  readonly expects: string;
  /** Without one of them it is skipped. */
  readonly needs?: readonly (keyof MotorCapabilities)[];
  /** Whether it needs a second address. */
  readonly needsTwo?: boolean;
  /** Why it cannot be run with the options, or with the controller, if so. */
  readonly skip?: (rig: CheckRig) => string | undefined;
  /** @throws ConformanceError */
  readonly run: (rig: CheckRig) => Promise<void>;
}
