import { axisConfigSchema, type ConfigPlugin, encoderConfigSchema, numberSchema } from "@beamtime/config";
import { makeMotors } from "@beamtime/motion";
import { z } from "zod";
import { SimulatedMotorController } from "./simulated-motor-controller.js";

const axisSchema = axisConfigSchema.extend({
  /** Dial position of a motor that never moved. Not BLISS's. */
  position: numberSchema.optional(),
});

const schema = z.strictObject({
  name: z.string().min(1).optional(),
  /** Seconds that every call takes. Not BLISS's. */
  latency: numberSchema.optional(),
  axes: z.array(axisSchema).min(1),
  encoders: z.array(encoderConfigSchema).default([]),
});

/** `class: mockup`: axes that move in time as real ones do. */
export const mockupPlugin: ConfigPlugin<z.infer<typeof schema>> = {
  plugin: "emotion",
  class: "mockup",
  schema,
  async create(item, tools) {
    const { name, latency, axes } = item.config;
    const { clock, settings, warn, onDispose } = tools;
    const controller = new SimulatedMotorController({ name, latency, clock, settings, onWarning: warn });
    onDispose(() => controller.saved());
    for (const { name: axis, address = axis, position, steps_per_unit } of axes) {
      if (position !== undefined) controller.addMotor(address, { position: position * steps_per_unit });
    }
    return makeMotors(controller, item, tools);
  },
};
