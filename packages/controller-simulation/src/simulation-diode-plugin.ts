import { type ConfigPlugin, numberSchema } from "@beamtime/config";
import { z } from "zod";
import { readingKeys } from "./reading-keys.js";
import { simulatedDiode } from "./simulated-diode.js";
import { simulatedIntegratingDiode } from "./simulated-integrating-diode.js";

const schema = z.strictObject({
  ...readingKeys,
  constant: numberSchema.optional(),
  /** Integrates instead of being sampled. */
  integration: z.boolean().default(false),
  /** Each diode has a controller of its own in any case. */
  independent: z.boolean().optional(),
});

/** `class: simulation_diode`: a constant, or noise from 0 to 100. */
export const simulationDiodePlugin: ConfigPlugin<z.infer<typeof schema>> = {
  plugin: "bliss",
  class: "simulation_diode",
  schema,
  create({ config }, { clock }) {
    const { name, integration, max_sampling_frequency: maxSamplingFrequency } = config;
    const options = { ...config, clock, maxSamplingFrequency };
    return { [name]: integration ? simulatedIntegratingDiode(options) : simulatedDiode(options) };
  },
};
