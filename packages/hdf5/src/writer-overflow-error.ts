import { BeamtimeError } from "@beamtime/errors";

/** Data came faster than the disk takes it for so long that the memory set aside for it is full. */
export class WriterOverflowError extends BeamtimeError {
  readonly code = "DATA_FILE_OVERFLOW";
  /** Path of the file. */
  readonly filename: string;
  /** The limit that was passed, in bytes. */
  readonly limit: number;

  constructor(filename: string, limit: number) {
    super(
      `${filename}: the disk is too slow for this scan: ${limit} bytes wait to be written. ` +
        "Lower the data rate, or raise `maxPendingBytes` of the writer.",
    );
    this.filename = filename;
    this.limit = limit;
  }
}
