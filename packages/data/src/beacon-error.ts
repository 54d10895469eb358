import { BeamtimeError } from "@beamtime/errors";

/** The Beacon server cannot be reached, or does not say where the data Redis is. */
export class BeaconError extends BeamtimeError {
  readonly code = "BEACON";
  /** `host:port` of the server. */
  readonly address: string;

  constructor(address: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.address = address;
  }
}
