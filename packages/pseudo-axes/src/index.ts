export { Bipod } from "./bipod.js";
export {
  type CalcConfig,
  calcAxisSchema,
  calcKeys,
  makeCalcAxes,
} from "./calc-axes-plugin.js";
export { type CalcRoles, checkRoles } from "./calc-roles.js";
export { EnergyWavelength, type EnergyWavelengthOptions } from "./energy-wavelength.js";
export { type LegPlaces, Legs, type LegsOptions } from "./legs.js";
export { LookupTable, type LookupTableOptions } from "./lookup-table.js";
export {
  MultiplePositions,
  type MultiplePositionsOptions,
  type NamedPosition,
  type PositionTarget,
} from "./multiple-positions.js";
export { pseudoAxesPlugins } from "./pseudo-axes-plugins.js";
export { SleepHook, type SleepHookOptions } from "./sleep-hook.js";
export { Slits, type SlitsOptions, type SlitType } from "./slits.js";
export { Tripod } from "./tripod.js";
export { UnknownPositionError } from "./unknown-position-error.js";
export { XYOnRotation, type XYOnRotationOptions } from "./xy-on-rotation.js";
