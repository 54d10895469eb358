import { BeamtimeError } from "@beamtime/errors";

/** A controller does not do what the contract of `MotorController` says. */
export class ConformanceError extends BeamtimeError {
  readonly code = "NOT_CONFORMING";
}

/** Motions were over before they could be looked at: by a machine that is busy, or by a controller that waits for their ends. */
export class UnseenMotionError extends ConformanceError {}
