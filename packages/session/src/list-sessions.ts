import { connectBeacon } from "@beamtime/beacon-client";
import { type BeamlineConfig, loadConfig } from "@beamtime/config";
import type { SessionOptions } from "./session.js";

/**
 * Names of the sessions of a configuration: a directory's, or the one that a Beacon server serves. What is wrong in its
 * files, of which sessions may be missed, is told to `onWarning`.
 */
export async function listSessions(
  options: Pick<SessionOptions, "beacon" | "config" | "signal" | "onWarning">,
): Promise<readonly string[]> {
  const { problems, sessions } = await configOf(options);
  for (const { file, line, message } of problems) {
    options.onWarning?.(line === undefined ? file : `${file}:${line}`, message);
  }
  return sessions;
}

async function configOf({
  beacon: address,
  config,
  signal,
  onWarning,
}: Parameters<typeof listSessions>[0]): Promise<BeamlineConfig> {
  if (address === undefined) return typeof config === "object" ? config : loadConfig(config ?? []);
  await using beacon = await connectBeacon({ address, signal });
  const { files, problems } = await beacon.readConfigFiles("", { signal });
  for (const { path, message } of problems) onWarning?.(path ?? "configuration", message);
  return loadConfig(files);
}
