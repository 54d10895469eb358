import { ArgumentError } from "@beamtime/errors";
import { CalcController, type CalcControllerOptions, type CalcPositions } from "@beamtime/motion";
import { latticeSpacing } from "./crystal.js";
import { InterpolationTable } from "./interpolation-table.js";
import { radiansOf } from "./unit-factor.js";

/** Planck's constant times the speed of light, keV Å (exact in the SI). BLISS has 12.3984. */
const hc = 12.398419843320026;

export interface EnergyWavelengthOptions extends CalcControllerOptions<"monoang"> {
  /** Distance of the lattice planes, Å. Default: that of BLISS, 3.13542 (silicon 111). */
  readonly dSpacing?: number | undefined;
  /** Instead of `dSpacing`: `Si111`, `Ge220`, … */
  readonly crystal?: string | undefined;
  /** Instead of Bragg's law: rows of energy (in `energyUnit`) and angle, both monotonic. */
  readonly table?: readonly (readonly number[])[] | undefined;
  /** Unit of the calculated energy. Default `keV`. */
  readonly energyUnit?: "keV" | "eV" | undefined;
}

/**
 * Energy and wavelength (Å) from the angle of a monochromator, by Bragg's law, λ = 2 d sin θ and E = h c / λ, or by
 * a table. They have no offset of their own, unless `hasOffsets` is true: `energy.position = 12` gives the monochromator
 * another angle. Both are of one axis: moved together they have to agree.
 *
 * Roles: `monoang` of the real axis (in its unit, else degrees); `energy`, `wavelength`.
 *
 * @see BLISS `bliss/controllers/motors/energywavelength.py`, class `EnergyWavelength`
 */
export class EnergyWavelength extends CalcController<"monoang"> {
  readonly #unit: number;
  readonly #radians: number;
  readonly #table: InterpolationTable | undefined;
  #dSpacing: number;

  /** @throws ArgumentError */
  constructor(options: EnergyWavelengthOptions) {
    super({ hasOffsets: false, ...options });
    const { crystal, table, energyUnit = "keV" } = options;
    this.#unit = energyUnit === "eV" ? 1000 : 1;
    this.#radians = radiansOf(this.reals.monoang, "deg");
    this.#dSpacing = checked(options.dSpacing ?? (crystal === undefined ? 3.13542 : latticeSpacing(crystal)));
    this.#table = table && new InterpolationTable(["energy", "monoang"], table);
    this.#table?.checkMonotonic("monoang");
  }

  /** Distance of the lattice planes, Å. Setting it changes the energy, not the angle. @throws AxisMovingError, ArgumentError */
  get dSpacing(): number {
    return this.#dSpacing;
  }

  set dSpacing(dSpacing: number) {
    checked(dSpacing);
    this.changeCalculation(() => {
      this.#dSpacing = dSpacing;
    });
  }

  calcFromReal({ monoang }: CalcPositions<"monoang">): CalcPositions {
    const energy = monoang.map((angle) => this.#energyAt(angle));
    return { energy, wavelength: energy.map((position) => this.#wavelengthOf(position)) };
  }

  calcToReal(pseudos: CalcPositions, moved: ReadonlySet<string>): CalcPositions<"monoang"> {
    const { energy = Float64Array.of(), wavelength = Float64Array.of() } = pseudos;
    const wanted = moved.has("wavelength") ? wavelength.map((position) => this.#wavelengthOf(position)) : energy;
    if (moved.has("wavelength") && moved.has("energy")) {
      const index = wanted.findIndex((position, i) => !(Math.abs(position / (energy[i] ?? Number.NaN) - 1) < 1e-6));
      if (index >= 0) {
        const both = `energy ${energy[index]} and wavelength ${wavelength[index]}`;
        throw new ArgumentError("targets", `${this.name} cannot be at ${both} at once: expected one of them`);
      }
    }
    return { monoang: wanted.map((position) => this.#angleAt(position)) };
  }

  #energyAt(angle: number): number {
    if (this.#table) return this.#table.interpolate("monoang", "energy", angle);
    return (this.#unit * hc) / (2 * this.#dSpacing * Math.sin(angle * this.#radians));
  }

  #angleAt(energy: number): number {
    if (this.#table) return this.#table.interpolate("energy", "monoang", energy);
    return Math.asin(this.#wavelengthOf(energy) / (2 * this.#dSpacing)) / this.#radians;
  }

  /** And the energy of a wavelength. */
  #wavelengthOf(energy: number): number {
    return (this.#unit * hc) / energy;
  }
}

function checked(dSpacing: number): number {
  if (dSpacing > 0 && Number.isFinite(dSpacing)) return dSpacing;
  throw new ArgumentError("dSpacing", `dSpacing is ${dSpacing} Å; expected a positive number`);
}
