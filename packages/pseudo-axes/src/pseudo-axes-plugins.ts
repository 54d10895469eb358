import type { ConfigPlugin } from "@beamtime/config";
import { energyWavelengthPlugin } from "./energy-wavelength-plugin.js";
import { bipodPlugin, tripodPlugin } from "./legs-plugin.js";
import { lookupTablePlugin } from "./lookup-table-plugin.js";
import { multiplePositionsPlugins } from "./multiple-positions-plugin.js";
import { sleepHookPlugins } from "./sleep-hook-plugin.js";
import { slitsPlugin } from "./slits-plugin.js";
import { xyOnRotationPlugin } from "./xy-on-rotation-plugin.js";

/** Makers of all that this package has, for `BeamlineConfig.objects`. */
export const pseudoAxesPlugins: readonly ConfigPlugin[] = [
  slitsPlugin,
  energyWavelengthPlugin,
  xyOnRotationPlugin,
  lookupTablePlugin,
  bipodPlugin,
  tripodPlugin,
  ...multiplePositionsPlugins,
  ...sleepHookPlugins,
];
