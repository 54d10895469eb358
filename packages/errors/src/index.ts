export { ArgumentError } from "./argument-error.js";
export { BeamtimeError } from "./beamtime-error.js";
export { errorMessage } from "./error-message.js";
