import { writeFile } from "node:fs/promises";
import { type BeaconClient, connectBeacon } from "@beamtime/beacon-client";
import { type BeamlineConfig, loadConfig } from "@beamtime/config";
import { expect, it } from "vitest";
import { startDemoBeacon } from "./demo-beacon.js";
import { typedInSession } from "./demo-session.js";

const motors = "motors/simulation.yml";

async function load(client: BeaconClient): Promise<BeamlineConfig> {
  const { files } = await client.readConfigFiles("", { signal: AbortSignal.timeout(10_000) });
  return await loadConfig(files);
}

/** Breaks and mends the motors through Beacon, and another file on the disk, until it is told to stop; leaves both whole. */
async function edit(client: BeaconClient, config: string, stop: AbortSignal): Promise<void> {
  const good = await client.readFile(motors);
  const objects = Array.from({ length: 500 }, (_, index) => `- name: object${index}\n  plugin: default\n`).join("");
  for (let round = 0; round % 2 === 1 || !stop.aborted; round++) {
    const isBroken = round % 2 === 0;
    await client.writeFile(motors, isBroken ? good.replace("axes:", "axes: [") : good);
    await writeFile(`${config}/objects.yml`, isBroken ? objects.slice(0, 7001) : objects);
    if (isBroken) await client.writeFile("more/file.yml", "name: more\n");
    else await client.removeFile("more");
  }
}

it("a configuration that is edited while it is read is loaded whole, or with what is wrong told; sessions open on it", async () => {
  await using beacon = await startDemoBeacon();
  await using client = await connectBeacon({ address: beacon.address });
  await using editor = await connectBeacon({ address: beacon.address });
  const stop = new AbortController();
  const editing = edit(editor, `${beacon.folder}/config`, stop.signal);
  const sessions = Promise.all([1, 2].map(() => typedInSession(beacon.address, "ct(0.01, diode).state")));
  const seen = new Set<boolean>();
  try {
    for (let count = 0; count < 20 || seen.size < 2; count++) {
      const { names, problems } = await load(client);
      expect(names).toContain("demo_session");
      const ofMotors = problems.filter(({ file }) => file === motors);
      expect(names.includes("roby")).toBe(ofMotors.length === 0);
      seen.add(names.includes("roby"));
    }
    for (const output of await sessions) expect(output).toMatch(/^DONE$/m);
  } finally {
    stop.abort();
    await editing;
    await sessions.catch(() => {}); // told above
  }
  const { names, problems } = await load(client);
  expect(problems).toEqual([]);
  expect(names).toEqual(expect.arrayContaining(["roby", "object499"]));
});
