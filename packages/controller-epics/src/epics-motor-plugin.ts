import { axesSchema, axisConfigSchema, type ConfigPlugin, encoderConfigSchema } from "@beamtime/config";
import { ArgumentError } from "@beamtime/errors";
import { makeMotors } from "@beamtime/motion";
import { z } from "zod";
import { CaClient } from "./ca-client.js";
import { EpicsMotorController } from "./epics-motor-controller.js";

const recordSchema = z.string().regex(/^[^\s.]+$/, "expected the name of a motor record without a field, as sim:mtr1");

const axisSchema = axisConfigSchema
  .partial({ steps_per_unit: true, velocity: true, acceleration: true })
  .omit({ address: true })
  .extend({ record: recordSchema })
  .transform(({ record, ...others }) => ({ ...others, address: record }));

const encoderSchema = encoderConfigSchema
  .omit({ address: true })
  .extend({ record: recordSchema })
  .transform(({ record, ...others }) => ({ ...others, address: record }));

const schema = z.strictObject({
  name: z.string().min(1).optional(),
  /** Where the IOCs are: `ioc1`, `ioc1:5064`. Default: `EPICS_CA_ADDR_LIST` and this machine's nets. */
  addresses: z.array(z.string().min(1)).min(1).optional(),
  /** Which coordinates of the records are driven. */
  coordinates: z.enum(["dial", "user"]).default("dial"),
  axes: axesSchema(axisSchema, { addressKey: "record" }),
  encoders: z.array(encoderSchema).default([]),
});

/** `class: epics_motor`: axes that are EPICS motor records. */
export const epicsMotorPlugin: ConfigPlugin<z.infer<typeof schema>> = {
  plugin: "emotion",
  class: "epics_motor",
  schema,
  async create(item, tools) {
    const { name, addresses, coordinates } = item.config;
    const { clock, onDispose } = tools;
    let access: CaClient;
    try {
      access = new CaClient({ addresses, clock });
    } catch (refused) {
      if (refused instanceof ArgumentError) throw item.error(addresses ? ["addresses"] : [], refused.message);
      throw refused;
    }
    onDispose(() => access[Symbol.asyncDispose]());
    return makeMotors(new EpicsMotorController({ name, access, coordinates, clock }), item, tools);
  },
};
