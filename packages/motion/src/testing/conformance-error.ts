import { BeamtimeError } from "@beamtime/errors";

/** A controller does not do what the contract of `MotorController` says. */
export class ConformanceError extends BeamtimeError {
  readonly code = "NOT_CONFORMING";
}
