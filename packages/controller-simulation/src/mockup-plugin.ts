import {
  axesSchema,
  axisConfigSchema,
  type ConfigPlugin,
  encoderConfigSchema,
  finiteSchema,
  notNegativeSchema,
  numberSchema,
  positiveSchema,
  referenceSchema,
  refuseSharedAddresses,
} from "@beamtime/config";
import { makeMotors } from "@beamtime/motion";
import { z } from "zod";
import { SimulatedMotorController } from "./simulated-motor-controller.js";

/** What the simulated hardware is like; not BLISS's. Positions are in dial units. */
const axisSchema = axisConfigSchema
  .extend({
    /** Of a motor that never moved. */
    position: finiteSchema.optional(),
    /** Where the end switches are. */
    hardware_low_limit: numberSchema.optional(),
    hardware_high_limit: numberSchema.optional(),
    /** Where the home switch is, and how wide. */
    home_position: finiteSchema.optional(),
    home_width: positiveSchema.optional(),
    /** How far the motor turns before the mechanics follow when it turns round. */
    play: notNegativeSchema.optional(),
  })
  .superRefine(({ hardware_low_limit: low, hardware_high_limit: high }, context) => {
    if (low === undefined || high === undefined || low <= high) return;
    const message = `expected at least hardware_low_limit, ${low}`;
    context.addIssue({ code: "custom", path: ["hardware_high_limit"], message });
  });

/** What the simulated encoder is like; not BLISS's. In its units. */
const encoderSchema = encoderConfigSchema.extend({
  /** Standard deviation of its readings. */
  noise: notNegativeSchema.optional(),
  seed: finiteSchema.optional(),
  /** What it measures where the motor is at 0. */
  zero: finiteSchema.optional(),
});

const schema = z.strictObject({
  name: z.string().min(1).optional(),
  /** Seconds that every call takes. Not BLISS's. */
  latency: notNegativeSchema.optional(),
  axes: axesSchema(axisSchema),
  encoders: z.array(encoderSchema).superRefine(refuseSharedAddresses()).default([]),
  motion_hooks: z.array(referenceSchema).optional(),
});

/** `class: mockup`: axes that move in time as real ones do. */
export const mockupPlugin: ConfigPlugin<z.infer<typeof schema>> = {
  plugin: "emotion",
  class: "mockup",
  schema,
  create(item, tools) {
    const { name, latency, axes, encoders } = item.config;
    const { clock, settings, warn, onDispose } = tools;
    const controller = new SimulatedMotorController({ name, latency, addresses: [], clock, settings, onWarning: warn });
    onDispose(() => controller[Symbol.asyncDispose]());
    for (const axis of axes) controller.addMotor(axis.address ?? axis.name, motorOf(axis));
    for (const encoder of encoders) {
      const axis = axes.find((one) => one.encoder === `$${encoder.name}`);
      const { address = encoder.name, steps_per_unit: stepsPerUnit = 1, noise = 0, zero = 0, seed } = encoder;
      controller.addEncoder(address, {
        motor: axis && (axis.address ?? axis.name),
        stepsPerStep: stepsPerUnit / (axis?.steps_per_unit ?? 1),
        noise: Math.abs(noise * stepsPerUnit),
        offset: zero * stepsPerUnit,
        seed,
      });
    }
    return makeMotors(controller, item, tools);
  },
};

/** Dial units, in steps, which may count the other way. */
function motorOf(axis: z.infer<typeof axisSchema>): Parameters<SimulatedMotorController["addMotor"]>[1] {
  const { steps_per_unit: scale, home_position: home, home_width: homeWidth } = axis;
  const { hardware_low_limit: low = Number.NEGATIVE_INFINITY, hardware_high_limit: high = Number.POSITIVE_INFINITY } =
    axis;
  const ends = [low * scale, high * scale] as const;
  return {
    position: (axis.position ?? 0) * scale + 0, // not -0
    limits: [Math.min(...ends), Math.max(...ends)],
    home: home === undefined ? undefined : home * scale,
    homeWidth: homeWidth === undefined ? undefined : homeWidth * Math.abs(scale),
    play: (axis.play ?? 0) * Math.abs(scale),
  };
}
