import { ArgumentError } from "@beamtime/errors";
import type { ControllerLink } from "./controller-link.js";
import type { ControllerCallOptions } from "./motor-controller.js";

export interface AxisDynamicsOptions {
  readonly name: string;
  readonly unit: string | undefined;
  readonly stepsPerUnit: number;
  /** Units/s; undefined: the controller's. */
  readonly velocity: number | undefined;
  /** Units/s²; undefined: the controller's. */
  readonly acceleration: number | undefined;
  /** Units/s; undefined: as the velocity. */
  readonly jogVelocity: number | undefined;
  readonly velocityLimits: readonly [number, number];
}

/** How fast an axis moves. What is set here reaches the controller before the next move. */
export class AxisDynamics {
  readonly #options: AxisDynamicsOptions;
  #velocity: number;
  #acceleration: number;
  #jogVelocity: number | undefined;
  #velocityLimits: readonly [number, number];
  /** What the controller has not been told yet. */
  readonly #untold = new Set<"velocity" | "acceleration">();

  constructor(options: AxisDynamicsOptions) {
    const { velocity, acceleration, jogVelocity, velocityLimits } = options;
    this.#options = options;
    this.#velocityLimits = [0, Number.POSITIVE_INFINITY];
    this.#velocity = Number.NaN;
    this.#acceleration = Number.NaN;
    this.velocityLimits = velocityLimits;
    if (velocity !== undefined) this.velocity = velocity;
    if (acceleration !== undefined) this.acceleration = acceleration;
    if (jogVelocity !== undefined) this.jogVelocity = jogVelocity;
  }

  /** Units/s; NaN when only the controller knows. */
  get velocity(): number {
    return this.#velocity;
  }

  set velocity(velocity: number) {
    this.#velocity = this.#allowed("velocity", velocity);
    this.#untold.add("velocity");
  }

  /** Units/s²; NaN when only the controller knows. */
  get acceleration(): number {
    return this.#acceleration;
  }

  set acceleration(acceleration: number) {
    this.#acceleration = this.#positive("acceleration", acceleration, "units/s²");
    this.#untold.add("acceleration");
  }

  /** Whether the jog velocity is one of its own. */
  get hasJogVelocity(): boolean {
    return this.#jogVelocity !== undefined;
  }

  get jogVelocity(): number {
    return this.#jogVelocity ?? this.#velocity;
  }

  set jogVelocity(velocity: number) {
    this.#jogVelocity = this.#allowed("jogVelocity", velocity);
  }

  get velocityLimits(): readonly [number, number] {
    return this.#velocityLimits;
  }

  set velocityLimits([low, high]: readonly [number, number]) {
    if (!(low >= 0 && low <= high)) {
      const message = `velocityLimits of ${this.#options.name} are ${low} and ${high}; expected two speeds, the lower one first`;
      throw new ArgumentError("velocityLimits", message);
    }
    this.#velocityLimits = [low, high];
  }

  /** @throws ArgumentError for a velocity that the axis must not have */
  check(velocity: number): void {
    this.#allowed("velocity", velocity);
  }

  /** Tells the controller what has changed; asks it for what the configuration leaves to it. */
  async apply(link: ControllerLink, options: ControllerCallOptions): Promise<void> {
    const { controller, address } = link;
    const scale = Math.abs(this.#options.stepsPerUnit);
    if (this.#untold.delete("velocity")) {
      const told = controller.setVelocity?.(address, this.#velocity * scale, options);
      if (told) await this.#orUntold("velocity", link.ask("setVelocity", told, options));
    }
    if (this.#untold.delete("acceleration")) {
      const told = controller.setAcceleration?.(address, this.#acceleration * scale, options);
      if (told) await this.#orUntold("acceleration", link.ask("setAcceleration", told, options));
    }
    if (Number.isNaN(this.#velocity) && controller.readVelocity)
      this.#velocity = (await link.ask("readVelocity", controller.readVelocity(address, options), options)) / scale;
    if (Number.isNaN(this.#acceleration) && controller.readAcceleration) {
      const answer = controller.readAcceleration(address, options);
      this.#acceleration = (await link.ask("readAcceleration", answer, options)) / scale;
    }
  }

  /** The controller may have been restarted: it is told everything before the next move. */
  tellAgain(): void {
    if (!Number.isNaN(this.#velocity)) this.#untold.add("velocity");
    if (!Number.isNaN(this.#acceleration)) this.#untold.add("acceleration");
  }

  async #orUntold(what: "velocity" | "acceleration", told: Promise<void>): Promise<void> {
    try {
      await told;
    } catch (error) {
      this.#untold.add(what);
      throw error;
    }
  }

  #allowed(argument: string, velocity: number): number {
    this.#positive(argument, velocity, "units/s");
    const [low, high] = this.#velocityLimits;
    const { name, unit = "units" } = this.#options;
    if (velocity < low || velocity > high) {
      const message = `${argument} of ${name} is ${velocity} ${unit}/s; expected ${low} to ${high} ${unit}/s, its velocityLimits`;
      throw new ArgumentError(argument, message);
    }
    return velocity;
  }

  #positive(argument: string, value: number, what: string): number {
    const { name, unit = "units" } = this.#options;
    if (value > 0 && Number.isFinite(value)) return value;
    const message = `${argument} of ${name} is ${value}; expected a positive number, ${what.replace("units", unit)}`;
    throw new ArgumentError(argument, message);
  }
}
