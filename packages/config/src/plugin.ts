import type { Clock } from "@beamtime/concurrency";
import type { DeviceLocks, LiveValues, SettingsStore } from "@beamtime/core";
import type { z } from "zod";
import type { ConfigError } from "./config-error.js";
import type { ConfigMapping } from "./config-node.js";

/**
 * How a program makes objects of one `class` of the configuration: the TypeScript counterpart of the module that BLISS
 * looks up from `plugin` and `class`.
 *
 * A controller (`plugin: emotion`, `generic`, `regulation`, `diffractometer`) is the top-most mapping with a `class`; it is
 * created once, when the first of the names below it is asked for, and gives all of them. For every other plugin
 * (`bliss`) the mapping is the object, and gives its own name only.
 *
 * @example
 * const schema = z.strictObject({ name: z.string(), constant: z.number().optional() });
 * const simulationDiode: ConfigPlugin<z.infer<typeof schema>> = {
 *   plugin: "bliss",
 *   class: "simulation_diode",
 *   schema,
 *   create: ({ config }, { clock }) => ({ [config.name]: new SimulationDiode(config, clock) }),
 * };
 */
export interface ConfigPlugin<T = unknown> {
  /** `emotion`, `bliss`, `generic`, … as in the configuration, own or inherited. */
  readonly plugin: string;
  /** `class` as the configuration writes it; upper and lower case are the same (`mockup`, `Mockup`). */
  readonly class: string;
  /**
   * The `package` that the configuration must name beside the class: the npm package the plugin comes from, or a complete
   * Python module. Default: none.
   */
  readonly package?: string | undefined;
  /**
   * The `module` that the configuration must name beside the class, as BLISS wants it where the module is not called like
   * the class (`mca` of `SimulatedMCA`). Default: none.
   */
  readonly module?: string | undefined;
  /**
   * Parses the whole mapping, items included. Keys unknown to a `strictObject` are reported as warnings, not refused; the
   * keys of the composition itself (`plugin`, `class`, `module`, `package`, `user_tag`) need not be listed.
   * References are still texts (`$roby`): take them with {@link referenceSchema} and resolve them by {@link ConfigTools.get}.
   */
  readonly schema: z.ZodType<T>;
  /**
   * Makes the objects, by their names: one, or all those of a controller, its own included when it has one. Connects
   * to no hardware that it could connect to later.
   *
   * @throws ConfigError (see {@link ConfigItem.error}) when the values do not fit together
   */
  create(
    item: ConfigItem<T>,
    tools: ConfigTools,
  ): Readonly<Record<string, object>> | Promise<Readonly<Record<string, object>>>;
}

/** The mapping that an object, or a controller with its items, is created from. */
export interface ConfigItem<T = unknown> {
  /** Its `name`; a controller may have none. */
  readonly name: string | undefined;
  readonly class: string;
  /** The mapping, parsed by the plugin's schema. */
  readonly config: T;
  /** Where it stands: path of the file from the configuration's root, with `/`. */
  readonly file: string;
  /** Line of the mapping in that file, from 1. */
  readonly line: number;
  /** Own value of a key, else the nearest of a mapping above it, up to the root's `__init__.yml`. */
  inherited(this: void, key: string): unknown;
  /** An error that tells where in the file it comes from. `path` leads from the mapping to the value: `["axes", 0, "velocity"]`. */
  error(this: void, path: readonly (string | number)[], message: string): ConfigError;
}

/** What a plugin may use besides its own mapping. */
export interface ConfigTools {
  /** Time for all that the objects do. */
  readonly clock: Clock;
  /** What outlives the process: owners are named as BLISS names them (`axis.roby`). */
  readonly settings: SettingsStore;
  /** Values shared live with other processes: names are those of BLISS's channels (`axis.roby.state`). */
  readonly live: LiveValues | undefined;
  /** Keeps devices from other processes. */
  readonly locks: DeviceLocks | undefined;
  /**
   * Writes changes of the mapping of a name back to its file, as `BeamlineConfig.save` does.
   *
   * @throws ConfigError when the configuration cannot be written
   */
  save(this: void, name: string, changes: ConfigMapping): Promise<void>;
  /** Whether the configuration has an object of a name. */
  has(this: void, name: string): boolean;
  /**
   * The object of a name or of a reference (`roby`, `$roby`, `$camera.counters.sum`), created when it is not there yet.
   *
   * @throws ConfigError when there is no such name, it cannot be created, it needs the object that asks for it, or it is
   * not an instance of `type`
   */
  get(this: void, reference: string): Promise<unknown>;
  get<T extends object>(this: void, reference: string, type: abstract new (...args: never[]) => T): Promise<T>;
  /** Tells of something that went wrong without making the object useless. */
  warn(this: void, message: string): void;
  /** Calls `release` when the objects are disposed of: last registered, first called. */
  onDispose(this: void, release: () => void | Promise<void>): void;
}
