import { BeamtimeError } from "@beamtime/errors";

/** SCAN_SAVING cannot tell where a scan goes, or the data policy does not allow what was asked for. */
export class ScanSavingError extends BeamtimeError {
  readonly code = "SCAN_SAVING";
}
