import { BeamtimeError } from "@beamtime/errors";

/** A recording of scan events cannot be made, read or replayed. */
export class RecordingError extends BeamtimeError {
  readonly code = "BAD_RECORDING";
}
