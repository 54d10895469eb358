import { type BeaconClient, LockError } from "@beamtime/beacon-client";
import { DeviceInUseError, type DeviceLock, type DeviceLocks } from "@beamtime/core";

/** Seconds to wait for a device: a scan that has just ended elsewhere may still be giving it back. */
const patience = 1;

/**
 * Locks devices in the Beacon server, for all processes of the beamline. While the server is away nothing can be locked:
 * scans and moves go on without, and `onWarning` is told.
 */
export function beaconLocks(beacon: BeaconClient, onWarning: (source: string, message: string) => void): DeviceLocks {
  return {
    async acquire(names, { signal }) {
      if (beacon.state !== "ready") {
        onWarning("Beacon", `is away: ${names.join(", ")} cannot be kept from other processes meanwhile`);
        return noLock();
      }
      try {
        return await beacon.locks.acquire(names, { timeout: patience, signal });
      } catch (error) {
        if (!(error instanceof LockError)) throw error;
        const held = error.holders.size > 0 ? [...error.holders.keys()] : names;
        const holder = [...new Set(error.holders.values())].join(", ") || "somebody who has just given it back";
        throw new DeviceInUseError(held, holder, { cause: error });
      }
    },
  };
}

function noLock(): DeviceLock {
  return { lost: new AbortController().signal, [Symbol.asyncDispose]: async () => {} };
}
