import { BeamtimeError } from "@beamtime/errors";

/** The server could not be started. */
export class BeaconServerError extends BeamtimeError {
  readonly code = "BEACON_SERVER";
}
