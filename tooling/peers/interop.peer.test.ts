import { execFile } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Counter, CounterSource } from "@beamtime/counters";
import { Axis } from "@beamtime/motion";
import { type Beacon, openSession, startBeacon } from "@beamtime/session";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BlissSession, openBlissSession } from "./bliss-session.js";
import { bliss, type RealBeacon, startRealBeacon } from "./real-beacon.js";
import { dumpWithOurs, dumpWithPython } from "./session-dumps.js";

const blissdata = process.env["BEAMTIME_BLISSDATA"] ?? "";
const isThere = bliss() !== undefined && blissdata !== "";
const name = "test_session";

describe.skipIf(!isThere)("real BLISS on our Beacon server", () => {
  let directory: string;
  let beacon: Beacon;
  let session: BlissSession;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "beamtime-interop-"));
    const config = join(directory, "config");
    await cp(fileURLToPath(new URL("beacon_config", import.meta.url)), config, { recursive: true });
    beacon = await startBeacon({ directory: config });
    session = await openBlissSession(name, beacon.address);
  });
  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    await beacon[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  it("has the objects of the configuration that we serve, and moves an axis", async () => {
    expect(await session.run("[axis.name for axis in (roby, robz, m0)]")).toEqual(["roby", "robz", "m0"]);
    await session.run("robz.move(1.5)");
    expect(await session.run("robz.position")).toBe(1.5);
  });

  it("runs its scans, groups and sequences, which our reader reads with the tree and the values that blissdata reads", async () => {
    const scans = fileURLToPath(new URL("demo_scans.py", import.meta.url));
    await promisify(execFile)(bliss() ?? "", ["-W", "ignore", scans, join(directory, "data")], {
      env: { ...process.env, BEACON_HOST: beacon.address },
    });
    const theirs = await dumpWithPython(blissdata, name, beacon.address);
    const ours = await dumpWithOurs(name, beacon.address);
    expect(new Set([...theirs.values()].map(({ type }) => type))).toContain("scan_group");
    expect(theirs.size).toBeGreaterThan(40);
    expect(ours).toEqual(theirs);
  });

  it("changes SCAN_SAVING, which a session of ours sees, and sees what ours changes", async () => {
    await session.run(`SCAN_SAVING.base_path = ${JSON.stringify(join(directory, "shared"))}`);
    await session.run("SCAN_SAVING.add('s_name', 'sample1')");
    await session.run("SCAN_SAVING.template = '{session}/{s_name}/'");
    await using ours = await openSession({ name, beacon: beacon.address });
    expect(ours.scanSaving.get().rootPath).toBe(join(directory, "shared", name, "sample1"));
    ours.scanSaving.setParameter("s_name", "sample2");
    await ours.scanSaving.saved();
    expect(await session.run("SCAN_SAVING.get_path()")).toBe(join(directory, "shared", name, "sample2"));
    await session.run("SCAN_SAVING.s_name = 'sample3'");
    await ours.scanSaving.refresh();
    expect(ours.scanSaving.getParameter("s_name")).toBe("sample3");
  });

  it("keeps its place in the tree: a scan of ours below the same parent is refused, elsewhere it runs", async () => {
    await session.run("SCAN_SAVING.s_name = 'theirs'");
    await session.run("loopscan(1, 0.01, diode2)");
    await using ours = await openSession({ name, beacon: beacon.address });
    const { diode2 } = ours.env as { diode2: Counter };
    await expect(ours.commands.loopscan(1, 0.01, diode2)).rejects.toThrow(/Bliss counts scans in .*theirs/);
    ours.scanSaving.setParameter("s_name", "ours");
    const scan = await ours.commands.loopscan(1, 0.01, diode2);
    expect(scan.dbName).toMatch(/:ours:1_loopscan$/);
    expect((await dumpWithPython(blissdata, name, beacon.address)).get(scan.dbName)).toMatchObject({
      type: "scan",
      info: { state: "DONE", scan_nb: 1 },
    });
  });

  it("waits for an axis that a scan of ours is moving, and is told who has it", async () => {
    await using ours = await openSession({ name, beacon: beacon.address });
    ours.scanSaving.setParameter("s_name", "locked");
    const { robz, diode2 } = ours.env as { robz: Axis; diode2: Counter };
    const scan = await ours.commands.ascan(robz, 0, 1, 1000, 0.01, diode2, { run: false });
    const running = scan.run();
    running.catch(() => {}); // aborted below
    await scan.waitState("STARTING");
    await session.run("from bliss.config.conductor.client import get_default_connection");
    const holders = (await session.run("get_default_connection().who_locked('robz')")) as Record<string, string>;
    expect(holders["robz"]).toMatch(/^test_session@/);
    await session.run("from bliss.common.utils import grouped");
    await expect(session.run("get_default_connection().lock('robz', timeout=0.2)")).rejects.toThrow(/lock/i);
    scan.abort();
    await expect(running).rejects.toThrow();
    await session.run("get_default_connection().lock('robz', timeout=3)");
    await session.run("get_default_connection().unlock('robz')");
  });
});

describe.skipIf(!isThere)("our session on the Beacon server of BLISS", () => {
  let beacon: RealBeacon;
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "beamtime-interop-"));
    beacon = await startRealBeacon();
  });
  afterAll(async () => {
    await beacon[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  it("has the objects of its configuration and runs scans that blissdata reads as we do", async () => {
    const warnings: string[] = [];
    await using session = await openSession({
      name,
      beacon: beacon.host,
      onWarning: (source, message) => warnings.push(`${source}: ${message}`),
    });
    expect(warnings).toEqual([]);
    session.scanSaving.setParameter("base_path", directory);
    const { roby, diode, simu1 } = session.env as { roby: Axis; diode: Counter; simu1: CounterSource };
    expect(roby).toBeInstanceOf(Axis);
    await session.commands.ascan(roby, 0, 2, 2, 0.01, diode);
    await session.commands.loopscan(2, 0.01, simu1);
    const theirs = await dumpWithPython(blissdata, name, beacon.host);
    expect([...theirs.keys()].filter((key) => /_(ascan|loopscan)$/.test(key))).toHaveLength(2);
    expect(await dumpWithOurs(name, beacon.host)).toEqual(theirs);
  });

  it("leaves its axis where it is for the next session of BLISS", async () => {
    const position = 1.25;
    {
      await using session = await openSession({ name, beacon: beacon.host });
      const { roby } = session.env as { roby: Axis };
      await roby.move(position);
    }
    await using theirs = await openBlissSession(name, beacon.host);
    expect(await theirs.run("roby.settings.get('position')")).toBe(position);
  });
});
