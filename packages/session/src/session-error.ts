import { BeamtimeError } from "@beamtime/errors";

/** A session could not be opened, or does not have what was asked. */
export class SessionError extends BeamtimeError {
  readonly code = "SESSION";
}
