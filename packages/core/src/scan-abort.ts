/**
 * Thrown by `scan.run` when a user aborts the scan.
 *
 * Not a {@link BeamtimeError}, because it is no failure: shells and script runners never swallow it. Whatever else was
 * given as reason for the abort is kept in `cause`.
 */
export class ScanAbort extends Error {
  override readonly name = "ScanAbort";

  constructor(message = "the scan was aborted", options?: { cause?: unknown }) {
    super(message, options);
  }

  /** The reason itself if it is a ScanAbort already, else a ScanAbort with that cause. */
  static from(reason: unknown): ScanAbort {
    if (reason instanceof ScanAbort) return reason;
    return reason === undefined ? new ScanAbort() : new ScanAbort(undefined, { cause: reason });
  }
}
