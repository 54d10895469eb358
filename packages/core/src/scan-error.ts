import { BeamtimeError, errorMessage } from "@beamtime/errors";

/**
 * Several things went wrong in one scan. What failed first is the `cause`, and gives the message.
 *
 * A scan in which exactly one thing failed throws that very error instead.
 */
export class ScanError extends BeamtimeError {
  readonly code = "SCAN_FAILED";
  /** Everything that failed, in order of time; the first is also the `cause`. */
  readonly errors: readonly unknown[];

  constructor(scan: string, errors: readonly unknown[]) {
    const others = errors.slice(1).map(errorMessage).join("; ");
    super(`${scan}: ${errorMessage(errors[0])} (then: ${others})`, { cause: errors[0] });
    this.errors = errors;
  }
}
