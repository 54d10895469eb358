import { type ConfigPlugin, notNegativeSchema, numberSchema } from "@beamtime/config";
import { z } from "zod";
import { SimulatedMca } from "./simulated-mca.js";

const schema = z.strictObject({
  name: z.string().min(1),
  detectors: z.int().positive().optional(),
  bins: z.int().positive().optional(),
  rate: numberSchema.optional(),
  dead_time: notNegativeSchema.optional(),
  seed: numberSchema.optional(),
});

/**
 * `module: mca`, `class: SimulatedMCA`: spectra with two lines. `detectors`, `bins`, `rate` (counts/s), `dead_time` (s) and `seed` are
 * not BLISS's.
 */
export const simulatedMcaPlugin: ConfigPlugin<z.infer<typeof schema>> = {
  plugin: "bliss",
  class: "SimulatedMCA",
  module: "mca",
  schema,
  create({ config: { dead_time: deadTime, ...config } }, { clock }) {
    return { [config.name]: new SimulatedMca({ ...config, deadTime, clock }) };
  },
};
