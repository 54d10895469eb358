import { ArgumentError } from "@beamtime/errors";
import { CalcController, type CalcControllerOptions, type CalcPositions, eachPoint } from "@beamtime/motion";
import { radiansOf } from "./unit-factor.js";

export interface XYOnRotationOptions extends CalcControllerOptions<"rx" | "ry", "rot"> {
  /** Whether the rotation counts clockwise. Default false. */
  readonly inverted?: boolean | undefined;
  /** Whether the dial of the rotation is the angle, instead of its user position. Default false. */
  readonly useDialRotation?: boolean | undefined;
  /** Unit of a rotation that says none itself. Default `deg`. */
  readonly rotationUnit?: "deg" | "rad" | undefined;
}

/**
 * Two translations on top of a rotation, as seen from beside it: (x, y) is (rx, ry) turned by the angle of the rotation, which
 * they do not move. Turning it changes x and y, as the sample goes round.
 *
 * Roles: `rx`, `ry` of the translations, `rot` of the rotation (a parameter); `x`, `y`.
 *
 * @see BLISS `bliss/controllers/motors/xyonrotation.py`, class `XYOnRotation`
 */
export class XYOnRotation extends CalcController<"rx" | "ry", "rot"> {
  readonly #radians: number;
  readonly #isDial: boolean;
  #offset = 0;

  /** @throws ArgumentError when there is no rotation, or it counts in a unit that is no angle */
  constructor(options: XYOnRotationOptions) {
    super(options);
    const { rx, ry } = this.reals;
    const rotation = this.parameters["rot"];
    if (!rotation) throw new ArgumentError("parameters", `${this.name} has no rotation: expected an axis as rot`);
    if (rx.unit !== ry.unit) {
      const units = `${rx.name} has ${rx.unit ?? "none"}, ${ry.name} ${ry.unit ?? "none"}`;
      throw new ArgumentError("reals", `${units} as unit: expected ${this.name} to have translations of the same unit`);
    }
    this.#radians = radiansOf(rotation, options.rotationUnit ?? "deg") * (options.inverted ? -1 : 1);
    this.#isDial = options.useDialRotation ?? false;
  }

  /** The angle where the frames coincide, negative, in units of the rotation. Default 0. @throws AxisMovingError when set in a move */
  get rotationOffset(): number {
    return this.#offset;
  }

  set rotationOffset(offset: number) {
    if (!Number.isFinite(offset)) {
      throw new ArgumentError("rotationOffset", `rotationOffset is ${offset}; expected a finite number`);
    }
    this.changeCalculation(() => {
      this.#offset = offset;
    });
  }

  calcFromReal(reals: CalcPositions<"rx" | "ry" | "rot">): CalcPositions {
    return eachPoint(reals, ({ rx, ry, rot }) => {
      const [cos, sin] = this.#turn(rot);
      return { x: rx * cos - ry * sin, y: rx * sin + ry * cos };
    });
  }

  calcToReal(pseudos: CalcPositions): CalcPositions<"rx" | "ry"> {
    return eachPoint(pseudos, ({ x = Number.NaN, y = Number.NaN, rot = Number.NaN }) => {
      const [cos, sin] = this.#turn(rot);
      return { rx: x * cos + y * sin, ry: y * cos - x * sin };
    });
  }

  #turn(rotation: number): readonly [number, number] {
    const axis = this.parameters["rot"];
    const position = this.#isDial && axis ? axis.sign * (rotation - axis.offset) : rotation;
    const angle = (position + this.#offset) * this.#radians;
    return [Math.cos(angle), Math.sin(angle)];
  }
}
