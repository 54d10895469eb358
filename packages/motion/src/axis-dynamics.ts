import { ArgumentError } from "@beamtime/errors";
import { checkPair, unlessRefused } from "./axis-arguments.js";
import type { ControllerLink } from "./controller-link.js";
import type { ControllerCallOptions } from "./motor-controller.js";

export interface AxisDynamicsOptions {
  /** For messages. */
  readonly axis: { readonly name: string; readonly unit: string | undefined };
  readonly stepsPerUnit: number;
  /** Units/s; undefined: the controller's. */
  readonly velocity: number | undefined;
  /** Units/s²; undefined: the controller's. */
  readonly acceleration: number | undefined;
  /** Units/s; undefined: as the velocity. */
  readonly jogVelocity: number | undefined;
  readonly velocityLimits: readonly [number, number];
}

/** What can be set of them. */
type Setting = "velocity" | "acceleration" | "jogVelocity" | "velocityLimits";

/** How fast an axis moves. What is set here reaches the controller before the next move. */
export class AxisDynamics {
  readonly #options: AxisDynamicsOptions;
  #velocity: number;
  #acceleration: number;
  #jogVelocity: number | undefined;
  #velocityLimits: readonly [number, number];
  readonly #chosen = new Set<Setting>();
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

  set jogVelocity(velocity: number | undefined) {
    this.#jogVelocity = velocity === undefined ? undefined : this.#allowed("jogVelocity", velocity);
  }

  get velocityLimits(): readonly [number, number] {
    return this.#velocityLimits;
  }

  set velocityLimits(limits: readonly [number, number]) {
    checkPair(this.#options.axis.name, "velocityLimits", limits);
    const [low, high] = limits;
    if (!(low >= 0 && low <= high)) {
      const message = `velocityLimits of ${this.#options.axis.name} are ${low} and ${high}; expected two speeds, the lower one first`;
      throw new ArgumentError("velocityLimits", message);
    }
    this.#velocityLimits = [low, high];
  }

  /** Sets something as somebody wants it now. @throws ArgumentError */
  choose<K extends Setting>(what: K, value: AxisDynamics[K]): void {
    Object.assign(this, { [what]: value });
    this.#chosen.add(what);
  }

  /** Takes up what an earlier process has kept, unless somebody has chosen otherwise since, or it is not allowed any more. */
  takeUp<K extends Setting>(what: K, kept: AxisDynamics[K] | undefined): void {
    if (kept === undefined || this.#chosen.has(what)) return;
    unlessRefused(() => Object.assign(this, { [what]: kept }));
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
      const velocity = this.#velocity * scale;
      const told = link.ask(
        "setVelocity",
        async (inner) => controller.setVelocity?.(address, velocity, inner),
        options,
      );
      await this.#orUntold("velocity", told);
    }
    if (this.#untold.delete("acceleration")) {
      const acceleration = this.#acceleration * scale;
      const tell = async (inner: ControllerCallOptions): Promise<void> =>
        controller.setAcceleration?.(address, acceleration, inner);
      await this.#orUntold("acceleration", link.ask("setAcceleration", tell, options));
    }
    if (Number.isNaN(this.#velocity)) {
      const read = async (inner: ControllerCallOptions): Promise<number> =>
        (await controller.readVelocity?.(address, inner)) ?? Number.NaN;
      this.#velocity = (await link.ask("readVelocity", read, options)) / scale;
    }
    if (Number.isNaN(this.#acceleration)) {
      const read = async (inner: ControllerCallOptions): Promise<number> =>
        (await controller.readAcceleration?.(address, inner)) ?? Number.NaN;
      this.#acceleration = (await link.ask("readAcceleration", read, options)) / scale;
    }
  }

  /** Sets one at once; as before when the controller refuses it. @throws as the setter, what `apply` throws */
  async tell(
    what: "velocity" | "acceleration",
    value: number,
    link: ControllerLink,
    options: ControllerCallOptions,
  ): Promise<void> {
    const [velocity, acceleration] = [this.#velocity, this.#acceleration];
    this[what] = value;
    try {
      await this.apply(link, options);
    } catch (error) {
      [this.#velocity, this.#acceleration] = [velocity, acceleration];
      this.#untold.clear();
      this.tellAgain();
      throw error;
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
    const { name, unit = "units" } = this.#options.axis;
    if (velocity < low || velocity > high) {
      const message = `${argument} of ${name} is ${velocity} ${unit}/s; expected ${low} to ${high} ${unit}/s, its velocityLimits`;
      throw new ArgumentError(argument, message);
    }
    return velocity;
  }

  #positive(argument: string, value: number, what: string): number {
    const { name, unit = "units" } = this.#options.axis;
    if (value > 0 && Number.isFinite(value)) return value;
    const message = `${argument} of ${name} is ${value}; expected a positive number, ${what.replace("units", unit)}`;
    throw new ArgumentError(argument, message);
  }
}
