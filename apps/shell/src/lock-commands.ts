import type { Lock } from "@beamtime/beacon-client";
import { ArgumentError } from "@beamtime/errors";
import type { Session } from "@beamtime/session";
import { textTable } from "./text-table.js";

/** Commands for keeping devices to oneself, with the names of BLISS. */
export interface LockCommands {
  /** Keeps devices from all other processes until `unlock`, or the end of the session: `lock(roby, robz)`. */
  lock(...devices: unknown[]): Promise<void>;
  /** Gives them back; all of them without arguments. */
  unlock(...devices: unknown[]): Promise<void>;
  /** Who holds what. */
  lslock(): Promise<void>;
}

/** @param print takes the text of the table, lines ended */
export function lockCommands(session: Pick<Session, "beacon" | "signal">, print: (text: string) => void): LockCommands {
  const held = new Map<string, Lock>();
  return {
    async lock(...devices) {
      for (const name of namesOf("lock", devices)) {
        if (held.has(name)) continue;
        const lock = await session.beacon.locks.acquire([name], { timeout: 3, signal: session.signal });
        held.set(name, lock);
        lock.lost.addEventListener("abort", () => held.delete(name), { once: true });
      }
    },
    async unlock(...devices) {
      for (const name of devices.length > 0 ? namesOf("unlock", devices) : [...held.keys()]) {
        const lock = held.get(name);
        held.delete(name);
        await lock?.[Symbol.asyncDispose]();
      }
    },
    async lslock() {
      const holders = await session.beacon.locks.holders(undefined, { signal: session.signal });
      if (holders.size === 0) print("nothing is locked\n");
      else print(textTable([["device", "held by"], ...[...holders].sort(([a], [b]) => (a < b ? -1 : 1))]));
    },
  };
}

function namesOf(command: string, devices: readonly unknown[]): readonly string[] {
  const names = devices.map((device) =>
    typeof device === "object" && device !== null && "name" in device ? device.name : device,
  );
  if (names.length === 0 || !names.every((name) => typeof name === "string" && name !== "")) {
    throw new ArgumentError("devices", `${command} takes devices or their names: ${command}(roby, "robz")`);
  }
  return names.map(String);
}
