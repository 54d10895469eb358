export { Slits, type SlitsOptions, type SlitType } from "./slits.js";
