import type { BeamlineConfig, ConfigError, ConfigPlugin } from "@beamtime/config";
import { epicsMotorPlugin } from "@beamtime/controller-epics";
import { icepapPlugin } from "@beamtime/controller-icepap";
import { simulationPlugins } from "@beamtime/controller-simulation";
import { pseudoAxesPlugins } from "@beamtime/pseudo-axes";
import { type MeasurementGroupPluginOptions, measurementGroupPlugin } from "./measurement-group-plugin.js";
import { findPlugins } from "./plugin-packages.js";

/** Makers of all devices that come with Beamtime: simulated ones, IcePAP and EPICS motors, pseudo axes. */
export const standardPlugins: readonly ConfigPlugin[] = [
  ...simulationPlugins,
  icepapPlugin,
  epicsMotorPlugin,
  ...pseudoAxesPlugins,
];

export interface SessionPluginsOptions {
  /** The packages installed for this directory may be named by the configuration. Default the current one. */
  readonly from?: string | undefined;
  /** Instead of those that come with Beamtime. */
  readonly plugins?: readonly ConfigPlugin[] | undefined;
  /** Where measurement groups find counters and keep their states. */
  readonly groups?: MeasurementGroupPluginOptions | undefined;
  /** Hears of packages that cannot be used. Default: they are thrown. */
  readonly onError?: ((error: ConfigError) => void) | undefined;
}

/** Makers of all that a configuration may have: standard devices, measurement groups, and the plugin packages it names. */
export async function sessionPlugins(
  config: BeamlineConfig,
  options: SessionPluginsOptions = {},
): Promise<readonly ConfigPlugin[]> {
  const { from = process.cwd(), plugins = standardPlugins, groups = { counters: () => [] }, onError } = options;
  return [...plugins, measurementGroupPlugin(groups), ...(await findPlugins(config, { from, onError }))];
}
