import { type ConfigPlugin, numberSchema } from "@beamtime/config";
import { z } from "zod";
import { SimulatedMca } from "./simulated-mca.js";

const schema = z.strictObject({
  name: z.string().min(1),
  detectors: z.int().positive().optional(),
  bins: z.int().positive().optional(),
  rate: numberSchema.optional(),
  seed: numberSchema.optional(),
});

/** `module: mca`, `class: SimulatedMCA`: spectra with two lines. `detectors`, `bins`, `rate` (counts/s) and `seed` are not BLISS's. */
export const simulatedMcaPlugin: ConfigPlugin<z.infer<typeof schema>> = {
  plugin: "bliss",
  class: "SimulatedMCA",
  module: "mca",
  schema,
  create: ({ config }, { clock }) => ({ [config.name]: new SimulatedMca({ ...config, clock }) }),
};
