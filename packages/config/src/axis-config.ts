import { z } from "zod";
import { finiteSchema, notNegativeSchema, numberSchema, positiveSchema, stepsPerUnitSchema } from "./number-schema.js";
import { referenceSchema } from "./reference.js";

const speedLimitSchema = numberSchema.refine((value) => value >= 0, { error: "expected a number of at least 0" });

/**
 * What the configuration of a motor controller says of each of its axes, whatever the controller is; a plugin adds its own keys by
 * `extend`, and makes optional with `partial` what its hardware knows by itself. `makeMotors` of `@beamtime/motion` makes
 * the axes from it.
 *
 * Positions are in units of the axis, limits in dial units; numbers may be texts.
 *
 * @example
 * const schema = z.strictObject({
 *   name: z.string().optional(),
 *   host: z.string(),
 *   axes: axesSchema(axisConfigSchema.extend({ autopower: z.boolean().default(true) })),
 *   encoders: z.array(encoderConfigSchema).default([]),
 * });
 */
export const axisConfigSchema = z.strictObject({
  name: z.string().min(1),
  /** `MockupAxis`, `NoSettingsAxis`, `ModuloAxis`, …; most mean nothing to us. */
  class: z.string().optional(),
  /** Which axis of the controller; its name when absent. */
  address: z
    .union([z.string().min(1), z.number()])
    .transform(String)
    .optional(),
  steps_per_unit: stepsPerUnitSchema,
  velocity: positiveSchema,
  /** Infinite where BLISS has saved that there is none. */
  velocity_low_limit: speedLimitSchema.optional(),
  velocity_high_limit: speedLimitSchema.optional(),
  jog_velocity: positiveSchema.optional(),
  acceleration: positiveSchema,
  low_limit: numberSchema.optional(),
  high_limit: numberSchema.optional(),
  unit: z.string().optional(),
  sign: numberSchema.pipe(z.union([z.literal(1), z.literal(-1)], { error: "expected 1 or -1" })).optional(),
  offset: finiteSchema.optional(),
  backlash: finiteSchema.optional(),
  /** How near counts as arrived; 0: as near as numbers and steps allow. */
  tolerance: notNegativeSchema.optional(),
  /** Seconds. */
  polling_time: notNegativeSchema.optional(),
  encoder: referenceSchema.optional(),
  /** Compares with the encoder at the end of each move. */
  check_encoder: z.boolean().optional(),
  /** Refuses to move when the controller is elsewhere than it was left. */
  check_discrepancy: z.boolean().optional(),
  /** Where the dial position is read. */
  read_position: z.enum(["controller", "encoder"]).optional(),
  motion_hooks: z.array(referenceSchema).optional(),
  /** Settings that BLISS reads from the hardware each time: positions and states always are, here. */
  disabled_cache: z.array(z.string()).optional(),
  /** Of a `ModuloAxis`: positions go from 0 to this, and begin anew. */
  modulo: positiveSchema.optional(),
});

/** What the configuration says of an encoder in the list `encoders` of a motor controller. */
export const encoderConfigSchema = z.strictObject({
  name: z.string().min(1),
  /** Which encoder of the controller; its name when absent. */
  address: z
    .union([z.string().min(1), z.number()])
    .transform(String)
    .optional(),
  steps_per_unit: stepsPerUnitSchema.optional(),
  /** How far from it an axis may rest, in its units. */
  tolerance: notNegativeSchema.optional(),
  unit: z.string().optional(),
});
