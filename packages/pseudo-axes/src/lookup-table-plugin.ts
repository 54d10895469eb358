import { readFile } from "node:fs/promises";
import { type ConfigPlugin, finiteSchema } from "@beamtime/config";
import { errorMessage } from "@beamtime/errors";
import { z } from "zod";
import { calcKeys, makeCalcAxes } from "./calc-axes-plugin.js";
import { type CalcRoles, checkRoles } from "./calc-roles.js";
import { InterpolationTable } from "./interpolation-table.js";
import { LookupTable } from "./lookup-table.js";

const schema = z
  .strictObject({
    ...calcKeys,
    /** Roles: first that of the calculated axis, then those of the real axes. */
    columns: z.array(z.string().min(1)).min(2),
    /** Either the table itself, or the file that has it: a row a line. */
    table: z.array(z.array(finiteSchema)).optional(),
    file: z.string().min(1).optional(),
  })
  .superRefine(checkRoles(rolesOf));

function rolesOf({ columns: [role = "", ...reals] }: { readonly columns: readonly string[] }): CalcRoles {
  return { reals, pseudos: [role] };
}

/** `class: LookupTable`, `package: "@beamtime/pseudo-axes"`: an axis that leads others along a table. Not BLISS's. */
export const lookupTablePlugin: ConfigPlugin<z.infer<typeof schema>> = {
  plugin: "emotion",
  class: "LookupTable",
  package: "@beamtime/pseudo-axes",
  schema,
  async create(item, tools) {
    const { columns, table, file } = item.config;
    if ((table === undefined) === (file === undefined)) {
      throw item.error([], `${item.class} needs either the key table or the key file`);
    }
    const rows = table ?? (await rowsOf(file ?? "", columns, (why) => item.error(["file"], why)));
    return makeCalcAxes(item, tools, rolesOf(item.config), (options) => new LookupTable({ ...options, columns, rows }));
  },
};

async function rowsOf(
  path: string,
  columns: readonly string[],
  refuse: (why: string) => Error,
): Promise<readonly (readonly number[])[]> {
  try {
    return InterpolationTable.parse(columns, await readFile(path, "utf8")).rows;
  } catch (error) {
    throw refuse(`the table ${path} cannot be used: ${errorMessage(error)}`);
  }
}
