import type { BeamlineConfig, ConfigError, ConfigPlugin } from "@beamtime/config";
import { simulationPlugins } from "@beamtime/controller-simulation";
import { type MeasurementGroupPluginOptions, measurementGroupPlugin } from "./measurement-group-plugin.js";
import { findPlugins } from "./plugin-packages.js";

export interface SessionPluginsOptions {
  /** The packages installed for this directory may be named by the configuration. Default the current one. */
  readonly from?: string | undefined;
  /** Instead of the simulated devices. */
  readonly plugins?: readonly ConfigPlugin[] | undefined;
  /** Where measurement groups find counters and keep their states. */
  readonly groups?: MeasurementGroupPluginOptions | undefined;
  /** Hears of packages that cannot be used. Default: they are thrown. */
  readonly onError?: ((error: ConfigError) => void) | undefined;
}

/** Makers of all that a configuration may have: simulated devices, measurement groups, and the plugin packages it names. */
export async function sessionPlugins(
  config: BeamlineConfig,
  options: SessionPluginsOptions = {},
): Promise<readonly ConfigPlugin[]> {
  const { from = process.cwd(), plugins = simulationPlugins, groups = { counters: () => [] }, onError } = options;
  return [...plugins, measurementGroupPlugin(groups), ...(await findPlugins(config, { from, onError }))];
}
