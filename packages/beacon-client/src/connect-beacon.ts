import { hostname } from "node:os";
import { type Clock, systemClock } from "@beamtime/concurrency";
import { ArgumentError } from "@beamtime/errors";
import { type BeaconAddress, beaconAddress } from "./beacon-address.js";
import { BeaconClient } from "./beacon-client.js";
import { BeaconLink, type BeaconState } from "./beacon-link.js";
import { BeaconLocks } from "./beacon-locks.js";
import { BeaconRequests } from "./beacon-requests.js";

export interface ConnectBeaconOptions {
  /** Where the server is, in any form that {@link beaconAddress} reads. Default: the environment's `BEACON_HOST`. */
  readonly address?: string | BeaconAddress | undefined;
  /** Who holds its locks, as others see it. Default `<host>:<pid>`, as BLISS. */
  readonly name?: string | undefined;
  /** Gives up connecting. */
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * Connects to a Beacon server, ours or that of BLISS 1.11. Whoever connects closes.
 *
 * @throws ArgumentError when the address is none
 * @throws BeaconError when the server cannot be reached or is no Beacon server
 *
 * @example
 * await using beacon = await connectBeacon({ address: "localhost:25000" });
 * await using lock = await beacon.locks.acquire(["robx", "roby"]);
 */
export async function connectBeacon(options: ConnectBeaconOptions = {}): Promise<BeaconClient> {
  const { address, name = `${hostname()}:${process.pid}`, signal, clock = systemClock } = options;
  if (name.includes("|")) throw new ArgumentError("name", `'${name}' has a '|', which no name may have`);
  const listeners = new Set<(state: BeaconState) => void>();
  const link = new BeaconLink({
    address: typeof address === "object" ? address : beaconAddress(address),
    name,
    clock,
    onFrame: (frame) => void (locks.receive(frame) || requests.receive(frame)),
    onState: (state) => {
      if (state === "ready") locks.connected();
      else {
        locks.disconnected();
        requests.lose(link.lastError);
        if (state === "closed") locks.closed();
      }
      for (const listener of [...listeners]) listener(state);
    },
  });
  const requests = new BeaconRequests(link);
  const locks = new BeaconLocks(link, requests);
  await link.open({ signal });
  return new BeaconClient(link, requests, locks, listeners);
}
