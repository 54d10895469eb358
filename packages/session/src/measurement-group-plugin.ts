import { type ConfigPlugin, type ConfigTools, measurementGroupSchema } from "@beamtime/config";
import { type Counter, isCounterSource, MeasurementGroup, type MeasurementGroupStore } from "@beamtime/counters";
import { errorMessage } from "@beamtime/errors";

export interface MeasurementGroupPluginOptions {
  /** Every counter there is when a group is made: finds what a group names as `controller:counter` or by a controller alone. */
  readonly counters: () => readonly Counter[];
  /** Where states of groups are kept. Default: nowhere. */
  readonly store?: MeasurementGroupStore | undefined;
}

type MeasurementGroupConfig = ReturnType<(typeof measurementGroupSchema)["parse"]>;

/**
 * Makes measurement groups (`plugin: session`, `class: MeasurementGroup`). A counter that is not there, or cannot be made,
 * is warned about and left out, as the others can be counted.
 */
export function measurementGroupPlugin(options: MeasurementGroupPluginOptions): ConfigPlugin<MeasurementGroupConfig> {
  return {
    plugin: "session",
    class: "MeasurementGroup",
    schema: measurementGroupSchema,
    async create({ config }, tools) {
      const counters: Counter[] = [];
      for (const name of config.counters) {
        const found = await findCounters(name, tools, options.counters);
        if (found.length === 0) tools.warn(`there is no counter ${name}: left out`);
        counters.push(...found);
      }
      const include: MeasurementGroup[] = [];
      for (const name of config.include ?? []) include.push(await tools.get(name, MeasurementGroup));
      const group = new MeasurementGroup(config.name, counters, {
        include,
        store: options.store,
        onWarning: tools.warn,
      });
      await group.load();
      tools.onDispose(() => group.saved());
      return { [config.name]: group };
    },
  };
}

/** The counters that an entry of a group means. */
async function findCounters(
  entry: string,
  tools: ConfigTools,
  others: () => readonly Counter[],
): Promise<readonly Counter[]> {
  const made: Counter[] = [];
  for (const name of new Set([entry, ...entry.split(":")])) {
    if (!tools.has(name)) continue;
    try {
      const object = await tools.get(name);
      if (!isCounterSource(object)) continue;
      const counters = "counters" in object ? object.counters : [object];
      if (name === entry) return counters;
      made.push(...counters);
    } catch (error) {
      tools.warn(`${name} cannot be made: ${errorMessage(error)}`);
    }
  }
  const known = [...new Set([...made, ...others()])];
  const named = known.filter(({ name, alias, fullname }) => [name, alias, fullname].includes(entry));
  return named.length > 0 ? named : known.filter(({ fullname }) => fullname.startsWith(`${entry}:`));
}
