import type { ConfigPlugin } from "@beamtime/config";
import { z } from "zod";
import { calcKeys, makeCalcAxes } from "./calc-axes-plugin.js";
import { checkRoles } from "./calc-roles.js";
import { Slits, slitRoles } from "./slits.js";

const schema = z
  .strictObject({
    ...calcKeys,
    slit_type: z.enum(["horizontal", "vertical", "both"]).default("both"),
  })
  .superRefine(checkRoles(({ slit_type: type }) => slitRoles(type)));

/** `class: slits`: gap and offset from blades. */
export const slitsPlugin: ConfigPlugin<z.infer<typeof schema>> = {
  plugin: "emotion",
  class: "slits",
  schema,
  create(item, tools) {
    const type = item.config.slit_type;
    return makeCalcAxes(item, tools, slitRoles(type), (options) => new Slits({ ...options, type }));
  },
};
