import type { ConfigPlugin } from "@beamtime/config";
import { z } from "zod";
import { calcKeys, makeCalcAxes } from "./calc-axes-plugin.js";
import { checkRoles } from "./calc-roles.js";
import { XYOnRotation } from "./xy-on-rotation.js";

const roles = { reals: ["rx", "ry"], parameters: ["rot"], pseudos: ["x", "y"] };

const schema = z
  .strictObject({
    ...calcKeys,
    inverted: z.boolean().default(false),
    /** Of a rotation without a unit. */
    radian: z.boolean().default(false),
    use_dial_rot: z.boolean().default(false),
  })
  .superRefine(checkRoles(() => roles));

/** `class: XYOnRotation`: translations on a rotation, as seen from beside it. */
export const xyOnRotationPlugin: ConfigPlugin<z.infer<typeof schema>> = {
  plugin: "emotion",
  class: "XYOnRotation",
  schema,
  create(item, tools) {
    const { inverted, radian, use_dial_rot: useDialRotation } = item.config;
    const rotationUnit = radian ? "rad" : "deg";
    const own = { inverted, rotationUnit, useDialRotation } as const;
    return makeCalcAxes(item, tools, roles, (options) => new XYOnRotation({ ...options, ...own }));
  },
};
