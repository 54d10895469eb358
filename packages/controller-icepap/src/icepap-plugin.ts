import {
  axesSchema,
  axisConfigSchema,
  type ConfigPlugin,
  encoderConfigSchema,
  referenceSchema,
} from "@beamtime/config";
import { ArgumentError } from "@beamtime/errors";
import { makeMotors } from "@beamtime/motion";
import { z } from "zod";
import { checkAddress, encoderSources } from "./icepap-address.js";
import { IcepapController } from "./icepap-controller.js";

/** A driver board, or the name of a linked axis. */
const addressSchema = z
  .union([z.string(), z.number()])
  .transform(String)
  .superRefine((address, context) => {
    try {
      checkAddress(address);
    } catch (error) {
      if (error instanceof ArgumentError) context.addIssue(error.message);
      else throw error;
    }
  });

const axisSchema = axisConfigSchema.extend({
  address: addressSchema,
  /** Whether it is powered when it is first used. */
  autopower: z.boolean().default(true),
});

const encoderSchema = encoderConfigSchema
  .extend({
    address: addressSchema,
    type: z
      .string()
      .transform((type) => type.toUpperCase())
      .pipe(z.enum(encoderSources))
      .default("ENCIN"),
  })
  .transform(({ type, address, ...others }) => ({ ...others, address: `${address}:${type}` }));

const schema = z.strictObject({
  name: z.string().min(1).optional(),
  /** `icepap1` or `icepap1:5000`. */
  host: z.string().min(1),
  axes: axesSchema(axisSchema),
  encoders: z.array(encoderSchema).default([]),
  motion_hooks: z.array(referenceSchema).optional(),
});

/** `class: icepap`: axes and encoders of an IcePAP. */
export const icepapPlugin: ConfigPlugin<z.infer<typeof schema>> = {
  plugin: "emotion",
  class: "icepap",
  schema,
  async create(item, tools) {
    const { name, host, axes } = item.config;
    const { clock, warn, onDispose } = tools;
    const unpowered = new Set(axes.filter(({ autopower }) => !autopower).map(({ address }) => address));
    let controller: IcepapController;
    try {
      const autopower = (address: string): boolean => !unpowered.has(address);
      controller = new IcepapController({ host, name, clock, autopower, onWarning: warn });
    } catch (refused) {
      if (refused instanceof ArgumentError) throw item.error(["host"], refused.message);
      throw refused;
    }
    onDispose(() => controller.close());
    return makeMotors(controller, item, tools);
  },
};
