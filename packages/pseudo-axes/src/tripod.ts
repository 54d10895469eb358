import { ArgumentError } from "@beamtime/errors";
import { type CalcPositions, eachPoint } from "@beamtime/motion";
import { type LegPlaces, Legs, type LegsOptions } from "./legs.js";
import { metresOf, radiansOf } from "./unit-factor.js";

type Leg = "lega" | "legb" | "legc";

/**
 * A table on three legs, for small angles: the height of the leg at (x, y) is tz + y rx − x ry.
 *
 * Roles: `lega`, `legb`, `legc`; `tz` (height of the centre), `rx`, `ry` (rotations). Places: `ax`, `ay`, `bx`, …
 *
 * @see BLISS `bliss/controllers/motors/tripod.py`, class `tripod`
 */
export class Tripod extends Legs<Leg> {
  readonly #units: Readonly<Record<Leg | "tz" | "rx" | "ry", number>>;

  constructor(options: LegsOptions<Leg>) {
    super(options);
    const unit = (role: string) => ({ name: this.nameOf(role), unit: options.units?.[role] });
    this.#units = {
      lega: metresOf(this.reals.lega),
      legb: metresOf(this.reals.legb),
      legc: metresOf(this.reals.legc),
      tz: metresOf(unit("tz")),
      rx: radiansOf(unit("rx")),
      ry: radiansOf(unit("ry")),
    };
  }

  protected override checkPlaces(center: string, places: LegPlaces): void {
    const { ax = 0, ay = 0, bx = 0, by = 0, cx = 0, cy = 0 } = places;
    if (Math.abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) > 1e-12) return;
    throw new ArgumentError("centers", `the legs of ${center} stand in a line; expected a triangle`);
  }

  /** Cramer's rule, with lega as the origin. */
  calcFromReal(reals: CalcPositions<Leg>): CalcPositions {
    const units = this.#units;
    const [ax, ay] = [this.place("ax"), this.place("ay")];
    const [bx, by] = [this.place("bx") - ax, this.place("by") - ay];
    const [cx, cy] = [this.place("cx") - ax, this.place("cy") - ay];
    const area = by * cx - cy * bx;
    return eachPoint(reals, ({ lega, legb, legc }) => {
      const a = lega * units.lega;
      const [b, c] = [legb * units.legb - a, legc * units.legc - a];
      const rx = (b * cx - c * bx) / area;
      const ry = (b * cy - c * by) / area;
      return { tz: (a - ay * rx + ax * ry) / units.tz, rx: rx / units.rx, ry: ry / units.ry };
    });
  }

  calcToReal(pseudos: CalcPositions): CalcPositions<Leg> {
    const units = this.#units;
    return eachPoint(pseudos, ({ tz = Number.NaN, rx = Number.NaN, ry = Number.NaN }) => {
      const heightAt = (leg: string): number =>
        tz * units.tz + this.place(`${leg}y`) * rx * units.rx - this.place(`${leg}x`) * ry * units.ry;
      return { lega: heightAt("a") / units.lega, legb: heightAt("b") / units.legb, legc: heightAt("c") / units.legc };
    });
  }
}
