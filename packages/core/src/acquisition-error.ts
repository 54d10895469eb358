import { BeamtimeError } from "@beamtime/errors";

/** An acquisition object, or the chain, cannot do what it is asked: triggered too fast, changed while it runs, … */
export class AcquisitionError extends BeamtimeError {
  readonly code = "ACQUISITION_FAILED";
  /** Name of the acquisition object, chain or scan concerned. */
  readonly source: string;

  constructor(source: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.source = source;
  }
}
