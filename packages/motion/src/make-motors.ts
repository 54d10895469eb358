import type { Clock } from "@beamtime/concurrency";
import type { SettingsStore } from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import { Axis, type AxisOptions } from "./axis.js";
import type { MotorController } from "./motor-controller.js";

/** What the configuration says of an axis: `axisConfigSchema` of `@beamtime/config` parses it, and says what the keys mean. */
export interface AxisConfig {
  readonly name: string;
  readonly class?: string | undefined;
  readonly address?: string | undefined;
  readonly steps_per_unit?: number | undefined;
  readonly velocity: number;
  readonly acceleration: number;
  readonly low_limit?: number | undefined;
  readonly high_limit?: number | undefined;
  readonly unit?: string | undefined;
  readonly sign?: 1 | -1 | undefined;
  readonly offset?: number | undefined;
  readonly backlash?: number | undefined;
  readonly tolerance?: number | undefined;
  readonly polling_time?: number | undefined;
}

/** What the configuration says of a motor controller, as far as it is the same for all of them. */
export interface MotorsConfig {
  readonly name?: string | undefined;
  readonly axes: readonly AxisConfig[];
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
  get(this: void, reference: string): Promise<unknown>;
  warn(this: void, message: string): void;
  onDispose(this: void, release: () => void | Promise<void>): void;
}

/** The options of an axis that its configuration gives. */
export function axisOptionsOf(config: AxisConfig): Omit<AxisOptions, "controller"> {
  return {
    name: config.name,
    address: config.address,
    unit: config.unit,
    stepsPerUnit: config.steps_per_unit,
    velocity: config.velocity,
    acceleration: config.acceleration,
    sign: config.sign,
    offset: config.offset,
    lowLimit: config.low_limit,
    highLimit: config.high_limit,
    backlash: config.backlash,
    tolerance: config.tolerance,
    // 0, as BLISS allows, is a shorter time than any timer's
    pollingTime: config.polling_time === 0 ? 1e-3 : config.polling_time,
  };
}

/**
 * Makes the axes of a controller as its configuration says: what the plugin of every motor controller does
 * once it has made the controller itself.
 *
 * @returns the objects by name, for `create` to return: the axes, and the controller when it has a name
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
  { config, error }: MotorsItem,
  { clock, settings, warn, onDispose }: MotorTools,
): Promise<Readonly<Record<string, object>>> {
  const objects: Record<string, object> = config.name === undefined ? {} : { [config.name]: controller };
  for (const [index, axisConfig] of config.axes.entries()) {
    try {
      const axis = new Axis({
        ...axisOptionsOf(axisConfig),
        controller,
        clock,
        // BLISS's class of axes that keep nothing
        settings: axisConfig.class === "NoSettingsAxis" ? undefined : settings,
        onWarning: warn,
      });
      objects[axis.name] = axis;
      onDispose(() => axis.saved());
    } catch (refused) {
      if (refused instanceof ArgumentError) throw error(["axes", index], refused.message);
      throw refused;
    }
  }
  return objects;
}
