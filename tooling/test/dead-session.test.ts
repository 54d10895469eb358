import { connectBeacon } from "@beamtime/beacon-client";
import { connect, type ScanNode } from "@beamtime/data";
import { readFileTree } from "@beamtime/hdf5";
import { describe, expect, it, vi } from "vitest";
import { run } from "./built-packages.js";
import { beamtime, startDemoBeacon } from "./demo-beacon.js";
import { makeDemoFolder } from "./demo-folder.js";
import { startSession, typedInSession } from "./demo-session.js";
import { type RunningProgram, startProgram } from "./running-program.js";

const python = process.env["BEAMTIME_PYTHON"];

/** More than an hour. */
const endless = "ascan(roby, 0, 9, 50000, 0.1, diode)";

/** Kills a session when points of its scan are in the file. Returns the path. */
async function killedInScan(session: RunningProgram): Promise<string> {
  const [, filename = ""] = await session.printed(/ file +: (\S+)/);
  await session.printed(/^ +5 /m);
  await vi.waitFor(async () => expect(await readFileTree(filename)).toMatch(/signal \[<f8 \[[1-9]/), 20_000);
  session.kill("SIGKILL");
  await session.ended;
  return filename;
}

/** What h5py, where it is, else our own reader, finds of an entry: how it ended, whether it has its points. */
async function endOf(filename: string, entry: string): Promise<string> {
  if (!python) {
    const tree = await readFileTree(filename);
    const text = tree.slice(tree.indexOf(`${entry}/`));
    expect(text).toContain("end_time");
    return text;
  }
  const program = `
import h5py, sys
with h5py.File(sys.argv[1], "r") as file:
    entry = file[sys.argv[2]]
    assert entry["end_time"].asstr()[()] > entry["start_time"].asstr()[()]
    assert len(entry["measurement/diode"][()]) > 0
    print(entry["writer/status"].asstr()[()], entry["end_reason"].asstr()[()])`;
  return (await run(python, ["-c", program, filename, entry])).stdout.trim();
}

describe.concurrent("a session killed in the middle of a scan", { timeout: 60_000 }, () => {
  it("leaves nothing behind on a Beacon server: readers and file get an end, locks are free, numbers go on", async () => {
    await using beacon = await startDemoBeacon();
    await using client = await connectBeacon({ address: beacon.address });
    await using store = await connect({ beacon: beacon.address });
    const node = await store.getSessionNode("demo_session");
    await using session = startSession(beacon.address, endless);
    const ending = (async () => {
      for await (const { type, node: scan } of node.walkOnNewEvents({ filter: "scan" })) {
        if (type === "END_SCAN") return scan as ScanNode; // what ends is a scan
      }
      throw new Error("the walk has ended");
    })();
    await session.printed(/^ +1 /m);
    expect([...(await client.locks.holders()).values()]).toContainEqual(
      expect.stringMatching(new RegExp(`^demo_session@.*:${session.pid}$`)),
    );
    const filename = await killedInScan(session);
    const death = performance.now();
    await vi.waitUntil(async () => (await client.locks.holders()).size === 0, { timeout: 5000 });

    const scan = await ending;
    expect(performance.now() - death).toBeLessThan(30_000);
    expect(await scan.info()).toMatchObject({ scan_nb: 1, state: "KILLED", end_time: expect.anything() });
    await vi.waitFor(async () => expect(await endOf(filename, "1.1")).toMatch("FAILED"), { timeout: 10_000 });
    expect(beacon.program.output).toMatch(/1_ascan: its process has died: the scan was ended \(KILLED\)/);

    const next = await typedInSession(beacon.address, "loopscan(2, 0.01, diode)");
    expect(next).toContain(`Scan(number=2, name=loopscan, path=${filename})`);
  });

  it("has its entry completed by the next session that goes on with the file, where Redis has died with it", async () => {
    await using folder = await makeDemoFolder();
    // with BEACON_HOST unset, a server of the session's own, and its Redis in a folder that is removed
    const line = [beamtime, "--config", folder.config, "-s", "demo_session", "-e"];
    const env = { TMPDIR: folder.path };
    await using session = startProgram([...line, endless], env);
    const filename = await killedInScan(session);
    await using next = startProgram([...line, "loopscan(2, 0.01, diode)"], env);
    expect(await next.ended).toBe(0);
    expect(next.output).toContain(`Scan(number=2, name=loopscan, path=${filename})`);
    expect(await endOf(filename, "1.1")).toMatch("FAILED");
  });
});
