import { type ConfigPlugin, numberSchema, referenceSchema } from "@beamtime/config";
import { Axis } from "@beamtime/motion";
import { z } from "zod";
import { axisCounter } from "./axis-counters.js";
import { RandomSource } from "./random-source.js";
import { readingKeys } from "./reading-keys.js";
import { scanShapedCounter } from "./scan-shaped-counter.js";

const schema = z.strictObject({
  ...readingKeys,
  distribution: z.enum(["GAUSSIAN", "FLAT", "LINEAR"]).default("GAUSSIAN"),
  /** From the middle of the scan; with an axis its position, in its units. */
  mu_offset: numberSchema.default(0),
  /** As a part of a sixth of the scan; with an axis in its units. */
  sigma_factor: numberSchema.default(1),
  height_factor: numberSchema.default(1),
  /** Each value is larger than it should be, by up to this part of itself. */
  noise_factor: numberSchema.default(0),
  /** The axis whose position decides, instead of the number of the point. */
  axis: referenceSchema.optional(),
});

/** `class: SimulationCounter`: a peak, a ramp or a constant. */
export const simulationCounterPlugin: ConfigPlugin<z.infer<typeof schema>> = {
  plugin: "bliss",
  class: "SimulationCounter",
  schema,
  async create({ config }, { clock, get }) {
    const { name, distribution, mu_offset: mu, sigma_factor: sigma, height_factor: height, axis } = config;
    const maxSamplingFrequency = config.max_sampling_frequency;
    const options = { ...config, clock, maxSamplingFrequency, height };
    const random = new RandomSource(config.seed ?? name);
    const shape = (x: number): number => {
      const noise = 1 + config.noise_factor * random.uniform();
      if (distribution === "FLAT") return noise;
      return noise * (distribution === "LINEAR" ? x : Math.exp(-(((x - mu) / sigma) ** 2) / 2));
    };
    if (axis) return { [name]: axisCounter({ ...options, axis: await get(axis, Axis) }, shape) };
    return {
      [name]: scanShapedCounter({
        ...options,
        profile: (index, npoints) => {
          const middle = (npoints - 1) / 2;
          return shape(distribution === "LINEAR" ? index : (index - middle) / Math.max(1, npoints / 6));
        },
      }),
    };
  },
};
