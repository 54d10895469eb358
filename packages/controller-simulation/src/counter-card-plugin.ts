import { type ConfigPlugin, numberSchema, referenceSchema } from "@beamtime/config";
import { ArgumentError } from "@beamtime/errors";
import { Axis } from "@beamtime/motion";
import { z } from "zod";
import { SimulatedCounterCard } from "./simulated-counter-card.js";
import { SimulatedMotorController } from "./simulated-motor-controller.js";

const schema = z.strictObject({
  name: z.string().min(1),
  /** The axis whose trigger output is plugged in. Default none. */
  trigger: referenceSchema.optional(),
  /** By name. */
  inputs: z.record(
    z.string(),
    z.strictObject({
      /** Counts per second. */
      rate: numberSchema,
      mode: z.enum(["gate", "between", "latch"]).optional(),
      unit: z.string().optional(),
    }),
  ),
});

/** `class: SimulatedCounterCard`: inputs that count at pulses of an axis, or when software says so. Not BLISS's. */
export const counterCardPlugin: ConfigPlugin<z.infer<typeof schema>> = {
  plugin: "bliss",
  class: "SimulatedCounterCard",
  schema,
  async create({ config, error }, { clock, get }) {
    const { name, trigger, inputs } = config;
    const axis = trigger === undefined ? undefined : await get(trigger, Axis);
    const motors = axis?.controller;
    if (axis && !(motors instanceof SimulatedMotorController)) {
      throw error(["trigger"], `${axis.name} has no simulated trigger output: expected an axis of class mockup`);
    }
    const line = axis && motors instanceof SimulatedMotorController ? motors.triggerLine(axis.address) : undefined;
    const card = new SimulatedCounterCard({ name, line, clock });
    for (const [input, options] of Object.entries(inputs)) {
      try {
        card.addInput({ name: input, ...options });
      } catch (refused) {
        if (refused instanceof ArgumentError) throw error(["inputs", input], refused.message);
        throw refused;
      }
    }
    return { [name]: card };
  },
};
