export type { MotorControllerCheckOptions } from "./testing/check-options.js";
export { ConformanceError } from "./testing/conformance-error.js";
export {
  type CheckOutcome,
  type CheckReport,
  checkMotorController,
  type MotorControllerCheck,
  motorControllerChecks,
} from "./testing/motor-controller-checks.js";
