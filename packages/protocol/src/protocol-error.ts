import { BeamtimeError } from "@beamtime/errors";

/** Bytes or fields from another process that do not follow the protocol; the message says which and what was expected. */
export class ProtocolError extends BeamtimeError {
  readonly code = "PROTOCOL";
}
