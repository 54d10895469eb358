import { BeamtimeError } from "@beamtime/errors";

/** A data file cannot be written or read; the message names the file and what the file system or HDF5 said. */
export class WriterError extends BeamtimeError {
  readonly code = "DATA_FILE";
  /** Path of the file. */
  readonly filename: string;
  /** The message without the path. */
  readonly reason: string;

  constructor(filename: string, reason: string, options?: { cause?: unknown }) {
    super(filename ? `${filename}: ${reason}` : reason, options);
    this.filename = filename;
    this.reason = reason;
  }
}
