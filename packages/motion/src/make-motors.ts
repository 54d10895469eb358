import type { Clock } from "@beamtime/concurrency";
import type { DeviceLocks, LiveValues, SettingsStore } from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import { Axis } from "./axis.js";
import { lowestVelocity } from "./axis-arguments.js";
import type { SavedAxisOptions } from "./axis-config-parts.js";
import type { AxisOptions } from "./axis-options.js";
import { Encoder } from "./encoder.js";
import type { MotionHook } from "./motion-hook.js";
import type { MotorController } from "./motor-controller.js";

/** What the configuration says of an axis: `axisConfigSchema` of `@beamtime/config` parses it, and says what the keys mean. */
export interface AxisConfig {
  readonly name: string;
  readonly class?: string | undefined;
  readonly address?: string | undefined;
  readonly steps_per_unit?: number | undefined;
  readonly velocity?: number | undefined;
  readonly velocity_low_limit?: number | undefined;
  readonly velocity_high_limit?: number | undefined;
  readonly jog_velocity?: number | undefined;
  readonly acceleration?: number | undefined;
  readonly low_limit?: number | undefined;
  readonly high_limit?: number | undefined;
  readonly unit?: string | undefined;
  readonly sign?: 1 | -1 | undefined;
  readonly offset?: number | undefined;
  readonly backlash?: number | undefined;
  readonly tolerance?: number | undefined;
  readonly polling_time?: number | undefined;
  readonly encoder?: string | undefined;
  readonly check_encoder?: boolean | undefined;
  readonly check_discrepancy?: boolean | undefined;
  readonly read_position?: "controller" | "encoder" | undefined;
  readonly motion_hooks?: readonly string[] | undefined;
  readonly modulo?: number | undefined;
}

/** What the configuration says of an encoder: `encoderConfigSchema` of `@beamtime/config` parses it. */
export interface EncoderConfig {
  readonly name: string;
  readonly address?: string | undefined;
  readonly steps_per_unit?: number | undefined;
  readonly tolerance?: number | undefined;
  readonly unit?: string | undefined;
}

/** What the configuration says of a motor controller, as far as it is the same for all of them. */
export interface MotorsConfig {
  readonly name?: string | undefined;
  readonly axes: readonly AxisConfig[];
  readonly encoders?: readonly EncoderConfig[] | undefined;
  /** Of all its axes, beside their own. */
  readonly motion_hooks?: readonly string[] | undefined;
}

/** The item that a plugin's `create` is given. */
export interface MotorsItem {
  readonly config: MotorsConfig;
  error(this: void, path: readonly (string | number)[], message: string): Error;
}

/** Of the tools that a plugin's `create` is given, those that motors need. */
export interface MotorTools {
  readonly clock: Clock;
  readonly settings: SettingsStore;
  readonly live?: LiveValues | undefined;
  readonly locks?: DeviceLocks | undefined;
  save(this: void, name: string, changes: Readonly<Record<string, unknown>>): Promise<void>;
  get(this: void, reference: string): Promise<unknown>;
  warn(this: void, message: string): void;
  onDispose(this: void, release: () => void | Promise<void>): void;
}

/** The options of an axis that its configuration gives, but for what it refers to. */
export function axisOptionsOf(config: AxisConfig): Omit<AxisOptions, "controller"> {
  return {
    name: config.name,
    address: config.address,
    unit: config.unit,
    stepsPerUnit: config.steps_per_unit,
    velocity: config.velocity,
    velocityLowLimit: lowestVelocity(config.velocity_low_limit),
    velocityHighLimit: config.velocity_high_limit,
    jogVelocity: config.jog_velocity,
    acceleration: config.acceleration,
    sign: config.sign,
    offset: config.offset,
    ...limitsOf(config),
    backlash: config.backlash,
    tolerance: config.tolerance,
    checkEncoder: config.check_encoder,
    checkDiscrepancy: config.check_discrepancy,
    readPositionFrom: config.read_position,
    // 0, as BLISS allows, is a shorter time than any timer's
    pollingTime: config.polling_time === 0 ? 1e-3 : config.polling_time,
  };
}

/** BLISS saves those of a reversed axis with the one first that is the user's low limit, the higher one on the dial. */
function limitsOf({ sign, low_limit: low, high_limit: high }: AxisConfig): Pick<AxisOptions, "lowLimit" | "highLimit"> {
  const isReversed = sign === -1 && low !== undefined && high !== undefined && low > high;
  return isReversed ? { lowLimit: high, highLimit: low } : { lowLimit: low, highLimit: high };
}

/** What the configuration is to say of options that were set. */
function configOf(changes: SavedAxisOptions): Partial<AxisConfig> {
  const keys = {
    velocity: "velocity",
    velocityLowLimit: "velocity_low_limit",
    velocityHighLimit: "velocity_high_limit",
    jogVelocity: "jog_velocity",
    acceleration: "acceleration",
    lowLimit: "low_limit",
    highLimit: "high_limit",
    sign: "sign",
    backlash: "backlash",
  } as const satisfies Record<keyof SavedAxisOptions, keyof AxisConfig>;
  return Object.fromEntries(
    Object.entries(changes).map(([option, value]) => [keys[option as keyof typeof keys], value]),
  ); // its keys are no others
}

/**
 * Makes the axes and encoders of a controller as its configuration says: what the plugin of every motor controller does
 * once it has made the controller itself.
 *
 * @returns the objects by name, for `create` to return: axes, encoders, and the controller when it has a name
 * @throws what `item.error` makes, at the place in the file, when values do not fit together
 * @example
 * export const myPlugin: ConfigPlugin<z.infer<typeof schema>> = {
 *   plugin: "emotion",
 *   class: "mycontroller",
 *   schema,
 *   create: (item, tools) => makeMotors(new MyController(item.config, tools.clock), item, tools),
 * };
 */
export async function makeMotors(
  controller: MotorController,
  item: MotorsItem,
  tools: MotorTools,
): Promise<Readonly<Record<string, object>>> {
  const { config } = item;
  const { clock, live, locks } = tools;
  const encoders = new Map<string, Encoder>();
  for (const [index, { steps_per_unit: stepsPerUnit, ...encoder }] of (config.encoders ?? []).entries()) {
    const made = placed(item, ["encoders", index], () => new Encoder({ ...encoder, stepsPerUnit, controller, clock }));
    encoders.set(made.name, made);
  }
  const objects: Record<string, object> = Object.fromEntries(encoders);
  if (config.name !== undefined) objects[config.name] = controller;
  const shared = await motionHooksOf(config.motion_hooks, ["motion_hooks"], item, tools);
  for (const [index, axis] of config.axes.entries()) {
    const encoder = await encoderOf(axis, index, encoders, item, tools);
    const own = await motionHooksOf(axis.motion_hooks, ["axes", index, "motion_hooks"], item, tools);
    const motionHooks = [...new Set([...shared, ...own])];
    const isModulo = axis.class === "ModuloAxis";
    if (isModulo !== (axis.modulo !== undefined)) {
      if (isModulo) throw item.error(["axes", index], `${axis.name} is a ModuloAxis: expected the key modulo, as 360`);
      tools.warn(`the key modulo of ${axis.name} has no effect: expected class: ModuloAxis beside it`);
    }
    // BLISS's class of axes that keep nothing
    const settings = axis.class === "NoSettingsAxis" ? undefined : tools.settings;
    const modulo = isModulo ? axis.modulo : undefined;
    const options = { ...axisOptionsOf(axis), modulo, controller, encoder, motionHooks, clock, settings, live, locks };
    const saveOptions = (changes: SavedAxisOptions): Promise<void> => tools.save(axis.name, configOf(changes));
    const made = placed(item, ["axes", index], () => new Axis({ ...options, saveOptions, onWarning: tools.warn }));
    objects[made.name] = made;
    tools.onDispose(() => made.saved());
  }
  return objects;
}

/** Encoders of the same controller are not objects of the configuration yet: they are looked up first. */
async function encoderOf(
  { encoder: reference }: AxisConfig,
  index: number,
  own: ReadonlyMap<string, Encoder>,
  { error }: MotorsItem,
  { get }: MotorTools,
): Promise<Encoder | undefined> {
  if (reference === undefined) return undefined;
  const encoder = own.get(reference.replace(/^[$]/, "")) ?? (await get(reference));
  if (encoder instanceof Encoder) return encoder;
  throw error(["axes", index, "encoder"], `${reference} is no encoder: expected one of the list encoders`);
}

async function motionHooksOf(
  references: readonly string[] = [],
  path: readonly (string | number)[],
  { error }: MotorsItem,
  { get }: MotorTools,
): Promise<readonly MotionHook[]> {
  const hooks: MotionHook[] = [];
  for (const [at, reference] of references.entries()) {
    const hook = await get(reference);
    if (!isMotionHook(hook)) {
      const expected = "expected an object with a name and preMove, postMove, preScan or postScan";
      throw error([...path, at], `${reference} is no motion hook: ${expected}`);
    }
    hooks.push(hook);
  }
  return hooks;
}

const hookMethods: readonly (keyof MotionHook)[] = ["preMove", "postMove", "preScan", "postScan"];

function isMotionHook(object: unknown): object is MotionHook {
  if (typeof object !== "object" || object === null || typeof Reflect.get(object, "name") !== "string") return false;
  return hookMethods.some((method) => typeof Reflect.get(object, method) === "function");
}

/** @throws what `item.error` makes of an ArgumentError */
function placed<T>({ error }: MotorsItem, path: readonly (string | number)[], make: () => T): T {
  try {
    return make();
  } catch (refused) {
    if (refused instanceof ArgumentError) throw error(path, refused.message);
    throw refused;
  }
}
