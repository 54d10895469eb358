import { BeamtimeError } from "@beamtime/errors";

/** A walk was still running when its store was closed. */
export class StoreClosedError extends BeamtimeError {
  readonly code = "STORE_CLOSED";

  /** @param address of the Redis server */
  constructor(address: string) {
    super(`the data store of Redis at ${address} was closed during a walk: end the walk first, or keep the store open`);
  }
}
