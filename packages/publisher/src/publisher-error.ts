import { BeamtimeError } from "@beamtime/errors";

/** A scan cannot be published any longer: Redis is gone, lost its data, or refuses it. */
export class PublisherError extends BeamtimeError {
  readonly code = "PUBLISHER";
  /** Key of the scan's node; undefined before the scan had one. */
  readonly scan: string | undefined;
  /** Address of the server. */
  readonly address: string;

  constructor(message: string, details: { scan: string | undefined; address: string; cause?: unknown }) {
    super(message, { cause: details.cause });
    this.scan = details.scan;
    this.address = details.address;
  }
}
