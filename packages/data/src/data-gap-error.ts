import { BeamtimeError } from "@beamtime/errors";

/** Points that were asked for are no longer in Redis: the stream of the channel was trimmed or evicted. */
export class DataGapError extends BeamtimeError {
  readonly code = "DATA_GAP";
  readonly dbName: string;
  /** First point that is lost. */
  readonly from: number;
  /** Last point that is lost. */
  readonly to: number;

  constructor(dbName: string, from: number, to: number) {
    super(
      `points ${from} to ${to} of channel '${dbName}' are no longer in Redis: ` +
        `read from ${to + 1} on, or take the whole scan from its file`,
    );
    this.dbName = dbName;
    this.from = from;
    this.to = to;
  }
}
