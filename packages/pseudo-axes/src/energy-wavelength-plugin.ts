import { readFile } from "node:fs/promises";
import { axesSchema, type ConfigPlugin, positiveSchema } from "@beamtime/config";
import { errorMessage } from "@beamtime/errors";
import { z } from "zod";
import { calcAxisSchema, calcKeys, makeCalcAxes } from "./calc-axes-plugin.js";
import { checkRoles } from "./calc-roles.js";
import { EnergyWavelength } from "./energy-wavelength.js";
import { InterpolationTable } from "./interpolation-table.js";

const roles = { reals: ["monoang"], pseudos: ["energy", "wavelength"] };

const schema = z
  .strictObject({
    ...calcKeys,
    axes: axesSchema(calcAxisSchema.extend({ dspace: positiveSchema.optional() })),
    /** Å; BLISS has it at the axis `energy`. */
    dspace: positiveSchema.optional(),
    /** `Si111`, instead of `dspace`. Not BLISS's. */
    crystal: z.string().optional(),
    /** Whether another position of the energy gives the monochromator another angle. */
    no_offset: z.boolean().default(true),
    /** File of a table of energies (above 999: eV, else keV) and angles. */
    lut: z.string().min(1).optional(),
  })
  .superRefine(checkRoles(() => roles));

/** `class: EnergyWavelength`: energy and wavelength of a monochromator. */
export const energyWavelengthPlugin: ConfigPlugin<z.infer<typeof schema>> = {
  plugin: "emotion",
  class: "EnergyWavelength",
  schema,
  async create(item, tools) {
    const { dspace, crystal, lut, axes, no_offset: noOffset } = item.config;
    const energy = axes.find(({ tags }) => /\benergy\b/.test(tags));
    const energyUnit = energy?.unit === "eV" ? "eV" : "keV";
    if (energy?.unit !== undefined && energy.unit !== energyUnit) {
      throw item.error(["axes", axes.indexOf(energy), "unit"], `unit is ${energy.unit}; expected eV or keV`);
    }
    const table = lut === undefined ? undefined : await tableOf(lut, energyUnit, (why) => item.error(["lut"], why));
    return makeCalcAxes(item, tools, roles, (options) => {
      const dSpacing = energy?.dspace ?? dspace;
      return new EnergyWavelength({ ...options, dSpacing, crystal, table, energyUnit, hasOffsets: !noOffset });
    });
  },
};

async function tableOf(
  path: string,
  unit: "eV" | "keV",
  refuse: (why: string) => Error,
): Promise<readonly (readonly number[])[]> {
  try {
    const rows = InterpolationTable.parse(["energy", "monoang"], await readFile(path, "utf8")).rows;
    const isInEv = (rows[0]?.[0] ?? 0) > 999;
    const factor = unit === "eV" ? (isInEv ? 1 : 1000) : isInEv ? 1e-3 : 1;
    return rows.map(([energy = Number.NaN, angle = Number.NaN]) => [energy * factor, angle]);
  } catch (error) {
    throw refuse(`the table ${path} cannot be used: ${errorMessage(error)}`);
  }
}
