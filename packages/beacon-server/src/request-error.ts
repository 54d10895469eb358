import { BeamtimeError } from "@beamtime/errors";

/** A request that cannot be done; its message is the answer. */
export class RequestError extends BeamtimeError {
  readonly code = "BEACON_REQUEST";
}
