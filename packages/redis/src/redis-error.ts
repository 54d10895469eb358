import { BeamtimeError } from "@beamtime/errors";

/** A Redis server that cannot be reached, found, started or used; the message says which one and how to mend it. */
export class RedisError extends BeamtimeError {
  readonly code = "REDIS";
  /** Address of the server, where there is one: `host:port` or the path of its socket. */
  readonly address: string | undefined;

  constructor(message: string, options: { address?: string | undefined; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.address = options.address;
  }
}
