import { BeamtimeError } from "@beamtime/errors";

/** A node that is not in Redis: it has expired, was evicted, never existed, or is of a version that readers do not know. */
export class NodeGoneError extends BeamtimeError {
  readonly code = "NODE_GONE";
  readonly dbName: string;

  constructor(dbName: string) {
    super(
      `there is no data node '${dbName}' in Redis: it has expired or was evicted, or the name is wrong; ` +
        "walk its session to see what is there",
    );
    this.dbName = dbName;
  }
}
