import { beamtime } from "./demo-beacon.js";
import { type RunningProgram, startProgram } from "./running-program.js";

/** The demo's session on a Beacon server, given what a user types. */
export function startSession(beacon: string, code: string): RunningProgram {
  return startProgram([beamtime, "-s", "demo_session", "-e", code], { BEACON_HOST: beacon });
}

/** What a session prints until it ends. @throws Error with the output unless it ends well */
export async function typedInSession(beacon: string, code: string): Promise<string> {
  await using session = startSession(beacon, code);
  if ((await session.ended) !== 0) throw new Error(session.output);
  return session.output;
}

/** What a user types for a scan of roby that goes on until somebody sets the channel `enough`; tells its points and file. */
export const scanUntilEnough = `
const enough = new Channel("enough", { defaultValue: false });
enough.ready();
const scan = ascan(roby, 0, 9, 50000, 0.02, diode, { run: false });
enough.onChange(() => scan.stop());
scan.run();
enough.close();
console.log(scan.state, "after", scan.getData("roby").length, "points in", scan.identity.filename);`;
