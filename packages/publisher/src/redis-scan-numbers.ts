import { abortable } from "@beamtime/concurrency";
import type { RedisConnection } from "@beamtime/redis";
import { createContainers } from "./node-tree.js";

/** What the next scan is going to be. */
export interface ScanNumberRequest {
  /** Node names from the session down to the parent of the scan. */
  readonly parentPath: readonly string[];
  readonly saved: boolean;
  /**
   * Last number in the data file of a saved scan. Asked only where Redis knows no number for the parent, so that a file
   * goes on where it ended. Left out where each scan has a file of its own.
   */
  readonly lastInFile?: () => Promise<number>;
  readonly signal?: AbortSignal | undefined;
}

/** Gives every scan below one parent a number of its own, in all sessions that share the server. */
export interface ScanNumbers {
  /**
   * Takes the next number. Saved scans and the others count separately, from 1.
   *
   * @throws what the connection or `lastInFile` throws, or the signal's reason
   */
  next(request: ScanNumberRequest): Promise<number>;
}

/**
 * Numbers counted in the node of the parent, which is created if need be. The connection stays the caller's.
 *
 * @see BLISS `blissdata/data/nodes/scan.py`: fields `last_scan_number` and `last_shadow_scan_number`
 */
export function redisScanNumbers(connection: RedisConnection): ScanNumbers {
  const { client } = connection;
  const take = async ({ parentPath, saved, lastInFile }: ScanNumberRequest): Promise<number> => {
    await createContainers(client, parentPath);
    const parent = parentPath.join(":");
    if (!saved) return client.hincrby(parent, "last_shadow_scan_number", 1);
    if (lastInFile && (await client.hexists(parent, "last_scan_number")) === 0) {
      const number = (await lastInFile()) + 1;
      if ((await client.hsetnx(parent, "last_scan_number", number)) === 1) return number;
    }
    return client.hincrby(parent, "last_scan_number", 1);
  };
  return { next: (request) => abortable(take(request), request.signal) };
}
