export { Bipod } from "./bipod.js";
export { EnergyWavelength, type EnergyWavelengthOptions } from "./energy-wavelength.js";
export { type LegPlaces, Legs, type LegsOptions } from "./legs.js";
export { LookupTable, type LookupTableOptions } from "./lookup-table.js";
export { Slits, type SlitsOptions, type SlitType } from "./slits.js";
export { Tripod } from "./tripod.js";
export { XYOnRotation, type XYOnRotationOptions } from "./xy-on-rotation.js";
