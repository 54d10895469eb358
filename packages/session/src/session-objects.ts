import { setMaxListeners } from "node:events";
import type { Clock, Disposer } from "@beamtime/concurrency";
import type { BeamlineConfig, ConfigMapping, ConfigObjects, ConfigPlugin, SessionConfig } from "@beamtime/config";
import type { DeviceLocks, LiveValues } from "@beamtime/core";
import { Counter, isCounterSource, MeasurementGroup } from "@beamtime/counters";
import { errorMessage } from "@beamtime/errors";
import { Axis } from "@beamtime/motion";
import type { RedisConnection } from "@beamtime/redis";
import { redisSettings } from "@beamtime/settings";
import { redisGroupStore } from "./redis-group-store.js";
import { sessionPlugins } from "./session-plugins.js";

/** The objects of a session, by kind. */
export interface SessionObjects {
  readonly objects: ConfigObjects;
  /** Those of the session's `config-objects`, by name and alias. */
  readonly made: ReadonlyMap<string, unknown>;
  readonly axes: readonly Axis[];
  readonly counters: readonly Counter[];
  readonly groups: readonly MeasurementGroup[];
}

export interface MakeObjectsOptions {
  readonly plugins: readonly ConfigPlugin[] | undefined;
  readonly settings: RedisConnection;
  readonly live: LiveValues;
  readonly locks: DeviceLocks;
  readonly save: (name: string, changes: ConfigMapping) => Promise<void>;
  readonly clock: Clock;
  readonly onWarning: (source: string, message: string) => void;
  /** Releases the objects. */
  readonly disposer: Disposer;
  readonly signal: AbortSignal | undefined;
}

/** Makes the objects that a session names; what cannot be made is warned about and left out. */
export async function makeSessionObjects(
  config: BeamlineConfig,
  { objects: names, aliases }: Pick<SessionConfig, "objects" | "aliases">,
  { plugins, settings, live, locks, save, clock, onWarning, disposer, signal }: MakeObjectsOptions,
): Promise<SessionObjects> {
  const made = new Map<string, unknown>();
  const allCounters = (): Counter[] =>
    [...made.values()].flatMap((object): readonly Counter[] => {
      if (!isCounterSource(object)) return [];
      return "counters" in object ? object.counters : [object];
    });
  const makers = await sessionPlugins(config, {
    plugins,
    groups: { counters: allCounters, store: redisGroupStore(settings) },
    onError: ({ message }) => onWarning("plugins", message),
  });
  const objects = disposer.use(
    config.objects({ plugins: makers, clock, settings: redisSettings(settings), live, locks, save, onWarning }),
  );
  const make = async (name: string): Promise<void> => {
    try {
      made.set(name, await objects.get(name));
    } catch (error) {
      onWarning(name, `is left out: ${errorMessage(error)}`);
    }
  };
  // groups last: they find counters among what the others brought, by their aliases too
  const isGroup = (name: string): boolean => config.node(name).plugin === "session";
  for (const name of names) if (!isGroup(name)) await make(name);
  for (const { originalName, aliasName } of aliases) {
    const object = named(originalName, made, allCounters());
    if (object instanceof Counter) object.alias = aliasName;
    if (object === undefined) onWarning(aliasName, `is an alias of ${originalName}, which the session does not have`);
    else if (made.has(aliasName))
      onWarning(aliasName, `cannot be an alias of ${originalName}: an object has that name`);
    else made.set(aliasName, object);
  }
  for (const name of names) if (isGroup(name)) await make(name);
  const unique = [...new Set(made.values())]; // an alias is a second name
  const axes = unique.filter((object) => object instanceof Axis);
  await initializeAxes(axes, onWarning, signal);
  const groups = unique.filter((object) => object instanceof MeasurementGroup);
  const counters = unique.filter((object) => object instanceof Counter);
  return { objects, made, axes, counters, groups };
}

/** The object of a name, or the counter of a full name. */
function named(name: string, made: ReadonlyMap<string, unknown>, counters: readonly Counter[]): unknown {
  return made.get(name) ?? counters.find(({ fullname }) => fullname === name);
}

/** Learns where the axes are. One that does not answer stays in the session: it is tried again when it is moved. */
async function initializeAxes(
  axes: readonly Axis[],
  onWarning: (source: string, message: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (signal) setMaxListeners(0, signal); // every axis waits for it
  await Promise.all(
    axes.map((axis) =>
      axis
        .initialize({ signal })
        .catch((error: unknown) => onWarning(axis.name, `does not answer: ${errorMessage(error)}`)),
    ),
  );
  signal?.throwIfAborted();
}
