import { type Clock, systemClock } from "@beamtime/concurrency";
import { ArgumentError } from "@beamtime/errors";

export interface PublisherOptions {
  /** Seconds that the keys of a scan and of the containers above live after its end. Default 86400, a day. */
  readonly nodeTtl?: number;
  /** Seconds that devices, channels and data live after the end of the scan. Default 86400; BLISS keeps them for 600. */
  readonly dataTtl?: number;
  /** Bytes of the server's memory that the data of one scan may fill; beyond, its first points go. Default 512 MiB. */
  readonly memoryBudget?: number;
  /** Bytes waiting for the server from which on a step scan waits. Default 1 MiB. */
  readonly highWater?: number;
  /** Bytes waiting for the server at which a scan that cannot wait fails. Default 256 MiB. */
  readonly bufferLimit?: number;
  /** Seconds without an answer from the server after which the scan fails. Default 30. */
  readonly outageLimit?: number;
  /** Seconds between two signs of life of a running scan: see `endDeadScans`. Default 5. */
  readonly heartbeat?: number;
  /** Clock of the heartbeat and of the outage limit. Default the machine's, whatever clock the scans run on: the server runs on no other. */
  readonly clock?: Clock;
}

const defaults = {
  nodeTtl: 86_400,
  dataTtl: 86_400,
  memoryBudget: 512 * 2 ** 20,
  highWater: 2 ** 20,
  bufferLimit: 256 * 2 ** 20,
  outageLimit: 30,
  heartbeat: 5,
};

/** @throws ArgumentError for a number that is not positive, or seconds to live that are not whole */
export function completeOptions(options: PublisherOptions): Required<PublisherOptions> {
  const complete = { ...defaults, clock: systemClock, ...options };
  for (const name of ["memoryBudget", "highWater", "bufferLimit", "outageLimit", "heartbeat"] as const) {
    if (!(complete[name] > 0))
      throw new ArgumentError(name, `${name} is ${complete[name]}; expected a positive number`);
  }
  for (const name of ["nodeTtl", "dataTtl"] as const) {
    if (!Number.isSafeInteger(complete[name]) || complete[name] <= 0) {
      throw new ArgumentError(name, `${name} is ${complete[name]}; expected a whole number of seconds, at least 1`);
    }
  }
  return complete;
}
