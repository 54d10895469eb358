import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { beamtime } from "./demo-beacon.js";
import { startProgram } from "./running-program.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "beamtime-joined-"));
});
afterAll(() => rm(folder, { recursive: true }));

it("lets another terminal join a session that runs its own Beacon server", async () => {
  const script = join(folder, "first.mjs");
  const scan = "SCAN_SAVING.add('operator', 'first'); await SCAN_SAVING.saved();";
  await writeFile(script, `${scan} console.log("JOIN", session.beaconAddress); await sleep(60);\n`);
  const env = { TMPDIR: folder, BEACON_HOST: "" };
  await using first = startProgram([beamtime, "--config", "demo", "-s", "demo_session", "run", script], env);
  const [, address = ""] = await first.printed(/JOIN (\S+)/);

  await using sessions = startProgram([beamtime], { ...env, BEACON_HOST: address });
  await sessions.printed(/Sessions of .*\n {2}demo_session/);
  const code = "ct(0.01, diode2), [SCAN_SAVING.operator, SCANS.at(-1).getData().diode2[0]].join()";
  await using second = startProgram([beamtime, "--beacon", address, "-s", "demo_session", "-e", code], env);
  expect(await second.ended).toBe(0);
  expect(second.output).toContain("first,42");

  first.kill("SIGTERM");
  expect(await first.ended).toBe(143);
});
