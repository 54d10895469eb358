import { ArgumentError } from "@beamtime/errors";
import { checkFinite, checkPositive } from "./axis-arguments.js";
import { type AxisConfigParts, optionsAsSet } from "./axis-config-parts.js";
import type { AxisDrive } from "./axis-drive.js";
import { AxisUnsupportedError } from "./axis-error.js";
import type { AxisOptions } from "./axis-options.js";
import type { ControllerCallOptions } from "./motor-controller.js";

/** What can be set of an axis, and how positions are counted: the part of `Axis` that moves nothing. */
export abstract class AxisSettings {
  abstract readonly name: string;
  /** @internal */
  abstract readonly drive: AxisDrive;
  #options: AxisOptions;

  constructor(options: AxisOptions) {
    this.#options = options;
  }

  /**
   * Last known position; NaN before `initialize`. Setting it moves nothing: it changes the offset, so that where the axis
   * stands has this position; of an axis without an offset of its own, those of the axes that it is calculated from.
   *
   * @throws AxisMovingError when set while the axis moves, ArgumentError when set before `initialize`
   */
  get position(): number {
    return this.drive.position;
  }

  set position(position: number) {
    checkFinite(this.name, "position", position);
    this.#checkKnown("position");
    const { drive } = this;
    const { recount } = drive.controller;
    if (recount) {
      drive.assertFree();
      recount(drive.address, position);
    } else this.offset = position - this.sign * drive.coordinates.toDial(drive.position);
  }

  /** Last known position in dial units; from 0 to the modulo of an axis that has one. */
  get dial(): number {
    const { coordinates, position } = this.drive;
    return coordinates.reduced(coordinates.toDial(position));
  }

  /** The direction of the user's positions on the dial. Setting it keeps the offset. @throws as for the offset */
  get sign(): 1 | -1 {
    return this.drive.coordinates.sign;
  }

  set sign(sign: 1 | -1) {
    if (sign !== 1 && sign !== -1) {
      throw new ArgumentError("sign", `sign of ${this.name} is ${String(sign)}; expected 1 or -1`);
    }
    if (sign !== this.sign) this.#requireOffset("sign");
    this.#checkKnown("sign");
    this.drive.recount(() => {
      this.drive.coordinates.sign = sign;
    });
  }

  /** User position where the dial is at 0. @throws AxisMovingError when set while the axis moves, AxisUnsupportedError for one without */
  get offset(): number {
    return this.drive.coordinates.offset;
  }

  set offset(offset: number) {
    checkFinite(this.name, "offset", offset);
    if (offset !== this.offset) this.#requireOffset("offset");
    this.#checkKnown("offset");
    this.drive.recount(() => {
      this.drive.coordinates.offset = offset;
    });
  }

  /** Every move ends in the direction of its sign, from at least so far away; 0: none. */
  get backlash(): number {
    return this.drive.backlash;
  }

  set backlash(backlash: number) {
    checkFinite(this.name, "backlash", backlash);
    if (this.#options.settings) this.#checkKnown("backlash");
    this.drive.backlash = backlash;
    this.drive.remember();
  }

  /** Where it was last sent; where it stands after a stop. Relative moves start from here, so that errors do not add up. */
  get target(): number {
    return this.drive.setPoint;
  }

  /**
   * Units/s. Setting it counts from the next move on, and keeps the acceleration; `setVelocity` tells the controller at once.
   *
   * @throws ArgumentError when it is set to what `velocityLimits` do not allow, AxisUnsupportedError when the controller has none
   */
  get velocity(): number {
    return this.drive.dynamics.velocity;
  }

  set velocity(velocity: number) {
    this.#requireVelocity();
    this.drive.dynamics.choose("velocity", velocity);
    this.drive.remember();
  }

  /** Units/s². Setting it counts from the next move on. @throws ArgumentError, AxisUnsupportedError as for the velocity */
  get acceleration(): number {
    return this.drive.dynamics.acceleration;
  }

  set acceleration(acceleration: number) {
    this.drive.link.require("setAcceleration", "has no acceleration to set");
    this.drive.dynamics.choose("acceleration", acceleration);
    this.drive.remember();
  }

  /** Seconds from rest to `velocity`. Setting it changes the acceleration. */
  get acctime(): number {
    return this.velocity / this.acceleration;
  }

  set acctime(seconds: number) {
    checkPositive(this.name, "acctime", seconds);
    this.acceleration = this.velocity / seconds;
  }

  /** Units/s, of `jog` when it is given no other. */
  get jogVelocity(): number {
    return this.drive.dynamics.jogVelocity;
  }

  set jogVelocity(velocity: number) {
    this.drive.dynamics.choose("jogVelocity", velocity);
    this.drive.remember();
  }

  /** Slowest and fastest velocity allowed, units/s. @throws ArgumentError when set with the faster one first */
  get velocityLimits(): readonly [number, number] {
    return this.drive.dynamics.velocityLimits;
  }

  set velocityLimits(limits: readonly [number, number]) {
    this.drive.dynamics.choose("velocityLimits", limits);
    this.drive.remember();
  }

  get lowLimit(): number {
    return this.limits[0];
  }

  set lowLimit(limit: number) {
    this.limits = [limit, this.highLimit];
  }

  get highLimit(): number {
    return this.limits[1];
  }

  set highLimit(limit: number) {
    this.limits = [this.lowLimit, limit];
  }

  /** Lowest and highest position allowed. @throws ArgumentError when set with the higher one first */
  get limits(): readonly [number, number] {
    return this.drive.coordinates.limits;
  }

  set limits(limits: readonly [number, number]) {
    if (this.#options.settings) this.#checkKnown("limits");
    this.drive.coordinates.limits = limits;
    this.drive.remember();
  }

  /** Lowest and highest dial position allowed. @throws ArgumentError when set with the higher one first */
  get dialLimits(): readonly [number, number] {
    return this.drive.coordinates.dialLimits;
  }

  set dialLimits(limits: readonly [number, number]) {
    if (this.#options.settings) this.#checkKnown("dialLimits");
    this.drive.coordinates.dialLimits = limits;
    this.drive.remember();
  }

  /** Sets the velocity of the next moves, units/s, at once; the acceleration stays as it is. @throws as the setter; what the controller throws: it is then as before */
  async setVelocity(velocity: number, options: ControllerCallOptions = {}): Promise<void> {
    this.#requireVelocity();
    this.drive.dynamics.check(velocity);
    await this.drive.ready(options);
    await this.drive.dynamics.tell("velocity", velocity, this.drive.link, options);
    this.drive.remember();
  }

  /** Sets the acceleration of the next moves, units/s², at once. @throws as the setter */
  async setAcceleration(acceleration: number, options: ControllerCallOptions = {}): Promise<void> {
    this.drive.link.require("setAcceleration", "has no acceleration to set");
    checkPositive(this.name, "acceleration", acceleration);
    await this.drive.ready(options);
    await this.drive.dynamics.tell("acceleration", acceleration, this.drive.link, options);
    this.drive.remember();
  }

  /**
   * Makes the hardware count from elsewhere: where the axis stands becomes `dial`. Nothing moves, and the user position
   * stays, as the offset follows.
   *
   * @throws AxisUnsupportedError when the controller cannot, AxisMovingError while the axis moves
   */
  async setDial(dial: number, options: ControllerCallOptions = {}): Promise<void> {
    const { drive } = this;
    await drive.ready(options);
    checkFinite(this.name, "dial", dial);
    drive.assertFree();
    drive.take("somebody who sets its dial");
    try {
      await drive.setDial(dial, options);
    } finally {
      drive.giveBack();
    }
  }

  /**
   * Forgets what was set since: velocity, its limits and the jog velocity, acceleration, limits, backlash and sign are again
   * as the options say, or those of them that are not `false`.
   */
  async applyConfig({ signal, ...parts }: AxisConfigParts & ControllerCallOptions = {}): Promise<void> {
    await this.drive.ready({ signal });
    const { dynamics, controller, coordinates } = this.drive;
    const { sign = 1, backlash = 0, velocity, acceleration, lowLimit, highLimit, ...options } = this.#options;
    if (parts.sign !== false) this.sign = sign;
    if (parts.backlash !== false) this.backlash = backlash;
    if (parts.limits !== false) {
      coordinates.dialLimits = [lowLimit ?? Number.NEGATIVE_INFINITY, highLimit ?? Number.POSITIVE_INFINITY];
    }
    if (parts.velocity !== false) {
      dynamics.velocityLimits = [options.velocityLowLimit ?? 0, options.velocityHighLimit ?? Number.POSITIVE_INFINITY];
      dynamics.jogVelocity = options.jogVelocity;
      if (velocity !== undefined && controller.setVelocity) dynamics.velocity = velocity;
    }
    if (parts.acceleration !== false && acceleration !== undefined && controller.setAcceleration) {
      dynamics.acceleration = acceleration;
    }
    await dynamics.apply(this.drive.link, { signal });
    this.drive.remember();
  }

  /**
   * Writes what is set now into the configuration, where new sessions and `applyConfig` find it: velocity with its limits and
   * the jog velocity, acceleration, dial limits, sign and backlash, or those of them that are not `false`.
   *
   * @throws AxisUnsupportedError for an axis of no configuration; ConfigError when it cannot be written
   */
  async settingsToConfig({ signal, ...parts }: AxisConfigParts & ControllerCallOptions = {}): Promise<void> {
    const { saveOptions } = this.#options;
    if (!saveOptions) {
      throw new AxisUnsupportedError(
        this.name,
        `${this.name} is of no configuration that its settings could be saved to`,
      );
    }
    await this.drive.ready({ signal });
    const changes = optionsAsSet(this, parts);
    await saveOptions(changes);
    this.#options = { ...this.#options, ...changes };
  }

  #requireVelocity(): void {
    this.drive.link.require("setVelocity", "has no velocity to set");
  }

  #requireOffset(argument: string): void {
    const { name, drive } = this;
    if (drive.coordinates.hasOffset) return;
    const reals = drive.axis.realAxes.map((axis) => axis.name).join(", ");
    const message = `${name} has no ${argument} of its own: set its position, or the ${argument} of ${reals}`;
    throw new AxisUnsupportedError(name, message);
  }

  /** @throws ArgumentError before `initialize`: the position is not known, and what was kept would replace the change */
  #checkKnown(argument: string): void {
    if (this.drive.isInitialized) return;
    throw new ArgumentError(
      argument,
      `${argument} of ${this.name} cannot be set before initialize() has told where it is`,
    );
  }
}
