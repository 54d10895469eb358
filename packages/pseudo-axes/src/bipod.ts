import { ArgumentError } from "@beamtime/errors";
import { type CalcPositions, eachPoint } from "@beamtime/motion";
import { type LegPlaces, Legs, type LegsOptions } from "./legs.js";
import { metresOf, radiansOf } from "./unit-factor.js";

/**
 * A table on two legs along x: tan ry = (lega − legb) / (bx − ax), tz = lega + ax tan ry.
 *
 * Roles: `lega`, `legb`; `tz` (height of the centre), `ry` (rotation). Places: `ax`, `bx`.
 *
 * @see BLISS `bliss/controllers/motors/bipod.py`, class `bipod`
 */
export class Bipod extends Legs<"lega" | "legb"> {
  readonly #units: { readonly lega: number; readonly legb: number; readonly tz: number; readonly ry: number };

  constructor(options: LegsOptions<"lega" | "legb">) {
    super(options);
    this.#units = {
      lega: metresOf(this.reals.lega),
      legb: metresOf(this.reals.legb),
      tz: metresOf({ name: this.nameOf("tz"), unit: options.units?.["tz"] }),
      ry: radiansOf({ name: this.nameOf("ry"), unit: options.units?.["ry"] }),
    };
  }

  protected override checkPlaces(center: string, { ax = 0, bx = 0 }: LegPlaces): void {
    if (ax !== bx) return;
    throw new ArgumentError("centers", `ax and bx of ${center} are both ${ax} m; expected legs at different places`);
  }

  calcFromReal(reals: CalcPositions<"lega" | "legb">): CalcPositions {
    const { lega: a, legb: b, tz, ry } = this.#units;
    const [ax, bx] = [this.place("ax"), this.place("bx")];
    return eachPoint(reals, ({ lega, legb }) => {
      const slope = (lega * a - legb * b) / (bx - ax);
      return { tz: (lega * a + ax * slope) / tz, ry: Math.atan(slope) / ry };
    });
  }

  calcToReal(pseudos: CalcPositions): CalcPositions<"lega" | "legb"> {
    const units = this.#units;
    const [ax, bx] = [this.place("ax"), this.place("bx")];
    return eachPoint(pseudos, ({ tz = Number.NaN, ry = Number.NaN }) => {
      const slope = Math.tan(ry * units.ry);
      const height = tz * units.tz;
      return { lega: (height - ax * slope) / units.lega, legb: (height - bx * slope) / units.legb };
    });
  }
}
