import { connectBeacon } from "@beamtime/beacon-client";
import { loadConfig } from "@beamtime/config";
import type { SessionOptions } from "./session.js";

/** Names of the sessions of a configuration: a directory's, or the one that a Beacon server serves. */
export async function listSessions({
  beacon: address,
  config,
  signal,
}: Pick<SessionOptions, "beacon" | "config" | "signal">): Promise<readonly string[]> {
  if (address === undefined) {
    if (typeof config === "object") return config.sessions;
    return (await loadConfig(config ?? [])).sessions;
  }
  await using beacon = await connectBeacon({ address, signal });
  return (await loadConfig((await beacon.readConfigFiles("", { signal })).files)).sessions;
}
