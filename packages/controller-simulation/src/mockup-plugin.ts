import { type ConfigPlugin, numberSchema } from "@beamtime/config";
import { ArgumentError } from "@beamtime/errors";
import { Axis } from "@beamtime/motion";
import { z } from "zod";
import { SimulatedMotorController } from "./simulated-motor-controller.js";

const axisSchema = z.strictObject({
  name: z.string().min(1),
  class: z.string().optional(),
  steps_per_unit: numberSchema,
  velocity: numberSchema,
  acceleration: numberSchema,
  /** Dial units. */
  low_limit: numberSchema.optional(),
  high_limit: numberSchema.optional(),
  unit: z.string().optional(),
  sign: z.union([z.literal(1), z.literal(-1)]).optional(),
  offset: numberSchema.optional(),
  backlash: numberSchema.optional(),
  tolerance: numberSchema.optional(),
  polling_time: numberSchema.optional(),
  /** Dial position of a motor that never moved. Not BLISS's. */
  position: numberSchema.optional(),
});

const schema = z.strictObject({
  name: z.string().min(1).optional(),
  /** Seconds that every call takes. Not BLISS's. */
  latency: numberSchema.optional(),
  axes: z.array(axisSchema).min(1),
});

/** `class: mockup`: axes that move in time as real ones do. */
export const mockupPlugin: ConfigPlugin<z.infer<typeof schema>> = {
  plugin: "emotion",
  class: "mockup",
  schema,
  create({ config, error }, { clock, settings, warn: onWarning, onDispose }) {
    const { name, latency } = config;
    const controller = new SimulatedMotorController({ name, latency, clock, settings, onWarning });
    onDispose(() => controller.saved());
    const objects: Record<string, object> = name === undefined ? {} : { [name]: controller };
    for (const [index, axis] of config.axes.entries()) {
      try {
        if (axis.position !== undefined) {
          controller.addMotor(axis.name, { position: axis.position * axis.steps_per_unit });
        }
        const made = new Axis({
          ...axis,
          controller,
          clock,
          // BLISS's class of axes that keep nothing
          settings: axis.class === "NoSettingsAxis" ? undefined : settings,
          onWarning,
          stepsPerUnit: axis.steps_per_unit,
          lowLimit: axis.low_limit,
          highLimit: axis.high_limit,
          // 0, as BLISS allows, is a shorter time than any timer's
          pollingTime: axis.polling_time === 0 ? 1e-3 : axis.polling_time,
        });
        objects[axis.name] = made;
        onDispose(() => made.saved());
      } catch (refused) {
        if (refused instanceof ArgumentError) throw error(["axes", index], refused.message);
        throw refused;
      }
    }
    return objects;
  },
};
