import { numberSchema } from "@beamtime/config";
import { samplingModes } from "@beamtime/counters";
import { z } from "zod";

/** What the YAML of every simulated counter may say. `seed` and `latency` (s) are not BLISS's. */
export const readingKeys = {
  name: z.string().min(1),
  unit: z.string().optional(),
  mode: z.enum(samplingModes).optional(),
  max_sampling_frequency: numberSchema.nullable().optional(),
  seed: numberSchema.optional(),
  latency: numberSchema.optional(),
};
