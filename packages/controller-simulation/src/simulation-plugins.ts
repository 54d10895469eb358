import type { ConfigPlugin } from "@beamtime/config";
import { counterCardPlugin } from "./counter-card-plugin.js";
import { mockupPlugin } from "./mockup-plugin.js";
import { simulatedMcaPlugin } from "./simulated-mca-plugin.js";
import { simulationCounterPlugin } from "./simulation-counter-plugin.js";
import { simulationDiodePlugin } from "./simulation-diode-plugin.js";

/** What makes simulated devices from YAML: `mockup`, `simulation_diode`, `SimulationCounter`, `SimulatedMCA`, `SimulatedCounterCard`. */
export const simulationPlugins: readonly ConfigPlugin[] = [
  mockupPlugin,
  simulationDiodePlugin,
  simulationCounterPlugin,
  simulatedMcaPlugin,
  counterCardPlugin,
];
