import { ArgumentError } from "@beamtime/errors";
import { checkPair, roundingAt } from "./axis-arguments.js";
import { AxisLimitError } from "./axis-error.js";

export interface AxisCoordinatesOptions {
  readonly name: string;
  readonly unit: string | undefined;
  readonly sign: 1 | -1;
  readonly offset: number;
  /** Whether sign and offset can be other than 1 and 0. */
  readonly hasOffset: boolean;
  /** Dial units. */
  readonly lowLimit: number;
  readonly highLimit: number;
  /** The period of the positions that moves are sent to. */
  readonly modulo: number | undefined;
}

/** How positions are counted: user = sign × dial + offset, within limits that belong to the dial. */
export class AxisCoordinates {
  readonly name: string;
  /** Set when the controller has told one. */
  unit: string | undefined;
  readonly modulo: number | undefined;
  readonly hasOffset: boolean;
  #sign: 1 | -1 = 1;
  #offset = 0;
  #keptLimits: readonly [number, number];

  constructor(options: AxisCoordinatesOptions) {
    this.name = options.name;
    this.unit = options.unit;
    this.modulo = options.modulo;
    this.hasOffset = options.hasOffset;
    this.sign = options.sign;
    this.offset = options.offset;
    this.#keptLimits = this.#ordered(options.lowLimit, options.highLimit);
  }

  get sign(): 1 | -1 {
    return this.#sign;
  }

  set sign(sign: 1 | -1) {
    if (this.hasOffset) this.#sign = sign;
  }

  get offset(): number {
    return this.#offset;
  }

  /** Nothing happens to an axis without an offset, whatever others have left or tell. */
  set offset(offset: number) {
    if (this.hasOffset) this.#offset = offset;
  }

  toDial(position: number): number {
    return this.sign * (position - this.offset);
  }

  toUser(dial: number): number {
    return this.sign * dial + this.offset;
  }

  /** The position from 0 to the modulo that is the same place, if the axis has one. */
  reduced(position: number): number {
    const { modulo } = this;
    if (modulo === undefined || !Number.isFinite(position)) return position;
    return ((position % modulo) + modulo) % modulo;
  }

  get dialLimits(): readonly [number, number] {
    const [low, high] = this.#keptLimits;
    return low <= high ? [low, high] : [high, low];
  }

  /** @throws ArgumentError when the higher one is first */
  set dialLimits(limits: readonly [number, number]) {
    checkPair(this.name, "dialLimits", limits);
    this.#keptLimits = this.#ordered(...limits);
  }

  /** The limits as the fields of BLISS have them: on the dial, with the one first that is the user's low limit, which may be the higher one. */
  get keptLimits(): readonly [number, number] {
    return this.#keptLimits;
  }

  set keptLimits(limits: readonly [number, number]) {
    this.#keptLimits = limits;
  }

  get limits(): readonly [number, number] {
    const [low, high] = this.dialLimits;
    return this.sign > 0 ? [this.toUser(low), this.toUser(high)] : [this.toUser(high), this.toUser(low)];
  }

  set limits(limits: readonly [number, number]) {
    checkPair(this.name, "limits", limits);
    const [low, high] = this.#ordered(...limits);
    this.#keptLimits = [this.toDial(low), this.toDial(high)];
  }

  /**
   * @param because why the axis goes there, when nobody has said it
   * @throws AxisLimitError, or ArgumentError when it is not a finite number
   */
  check(position: number, because?: string): void {
    if (!Number.isFinite(position)) {
      throw new ArgumentError("position", `position of ${this.name} is ${position}; expected a finite number`);
    }
    const { limits } = this;
    const rounding = roundingAt(position);
    if (position < limits[0] - rounding || position > limits[1] + rounding) {
      throw new AxisLimitError(this.name, position, limits, this.unit, because);
    }
  }

  #ordered(low: number, high: number): readonly [number, number] {
    if (!(low <= high)) {
      throw new ArgumentError("limits", `limits of ${this.name} are ${low} and ${high}; expected the lower one first`);
    }
    return [low, high];
  }
}
