import { type ConfigPlugin, finiteSchema } from "@beamtime/config";
import type { CalcController } from "@beamtime/motion";
import { z } from "zod";
import { Bipod } from "./bipod.js";
import { calcKeys, makeCalcAxes } from "./calc-axes-plugin.js";
import { type CalcRoles, checkRoles } from "./calc-roles.js";
import type { LegPlaces, LegsOptions } from "./legs.js";
import { Tripod } from "./tripod.js";

const place = finiteSchema.optional();

const schema = z.strictObject({
  ...calcKeys,
  /** Where the legs are from each centre of rotation, m. */
  centers: z
    .array(
      z.strictObject({
        center_id: z.string().min(1),
        ax: place,
        ay: place,
        bx: place,
        by: place,
        cx: place,
        cy: place,
      }),
    )
    .min(1),
});

/** `class: bipod`: a table on two legs. */
export const bipodPlugin = legsPlugin(
  "bipod",
  { reals: ["lega", "legb"], pseudos: ["tz", "ry"] },
  (options) => new Bipod(options),
);

/** `class: tripod`: a table on three legs. */
export const tripodPlugin = legsPlugin(
  "tripod",
  { reals: ["lega", "legb", "legc"], pseudos: ["tz", "rx", "ry"] },
  (options) => new Tripod(options),
);

function legsPlugin(
  name: string,
  roles: CalcRoles,
  make: (options: LegsOptions<string>) => CalcController<string, string>,
): ConfigPlugin<z.infer<typeof schema>> {
  return {
    plugin: "emotion",
    class: name,
    schema: schema.superRefine(checkRoles(() => roles)),
    create(item, tools) {
      const centers: Record<string, LegPlaces> = {};
      for (const { center_id: id, ...places } of item.config.centers) {
        centers[id] = Object.fromEntries(Object.entries(places).map(([key, metres]) => [key, metres ?? 0]));
      }
      return makeCalcAxes(item, tools, roles, (options, unitOf) => {
        const units = Object.fromEntries(roles.pseudos.map((role) => [role, unitOf(role)]));
        return make({ ...options, centers, units });
      });
    },
  };
}
