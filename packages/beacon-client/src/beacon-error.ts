import { BeamtimeError } from "@beamtime/errors";

/** The Beacon server cannot be reached, does not answer, or answers what cannot be understood or used. */
export class BeaconError extends BeamtimeError {
  readonly code = "BEACON";
  /** `host:port` or socket path of the server. */
  readonly address: string;

  constructor(address: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.address = address;
  }
}
