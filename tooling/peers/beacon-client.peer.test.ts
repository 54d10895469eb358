import { once } from "node:events";
import { type BeaconClient, connectBeacon } from "@beamtime/beacon-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PythonProcess } from "./python-process.js";
import { bliss, type RealBeacon, startRealBeacon } from "./real-beacon.js";

/** Takes the locks of its arguments, tells so, and gives them back when it is told anything. */
const holdLocks = `
import sys
from bliss.config.conductor.client import get_default_connection
connection = get_default_connection()
connection.set_client_name("python")
connection.lock(*sys.argv[1:], timeout=20)
print("locked")
sys.stdin.readline()
connection.unlock(*sys.argv[1:])
sys.stdin.readline()
`;

describe.skipIf(bliss() === undefined)("the Beacon server of BLISS", () => {
  let real: RealBeacon;
  let beacon: BeaconClient;
  beforeAll(async () => {
    real = await startRealBeacon();
    beacon = await connectBeacon({ address: real.host, name: "ours" });
  });
  afterAll(async () => {
    await beacon.close();
    await real[Symbol.asyncDispose]();
  });

  it("tells us where its Redis servers are", async () => {
    const [settings, data] = await Promise.all([beacon.settingsRedis(), beacon.dataRedis()]);
    expect(settings).toEqual({ path: `${real.directory}/redis.sock` });
    expect(data).toEqual({ path: `${real.directory}/redis_data.sock` });
  });

  it("gives us its configuration, by the request that it knows", async () => {
    const { files, problems } = await beacon.readConfigFiles();
    expect(problems).toEqual([]);
    expect(files.map(({ path }) => path).sort()).toEqual(
      ["__init__.yml", "axes.yml", "counters.yml", "sessions/__init__.yml", "sessions/test_session.yml"].sort(),
    );
    expect(files.find(({ path }) => path === "axes.yml")?.content).toContain("name: roby");
    const below = await beacon.readConfigFiles("sessions");
    expect(below.files.map(({ path }) => path)).toContain("sessions/test_session.yml");
  });

  it("reads, writes, moves, lists and removes files for us", async () => {
    await beacon.writeFile("our/folder/a.yml", "text: é | with bars|\n");
    await beacon.moveFile("our/folder/a.yml", "our/b.yml");
    expect(await beacon.readFile("our/b.yml")).toBe("text: é | with bars|\n");
    expect(await beacon.listFiles("our")).toEqual(["our/b.yml"]);
    await beacon.removeFile("our");
    expect(await beacon.listFiles()).toContain("sessions/test_session_setup.py");
    await expect(beacon.readFile("our/b.yml")).rejects.toMatchObject({
      code: "BEACON_FILE",
      action: "read",
      path: "our/b.yml",
    });
    await expect(beacon.listFiles("our")).rejects.toMatchObject({ code: "BEACON_FILE", action: "list" });
    expect(await beacon.modules("nowhere")).toEqual([]);
  });

  it("closes the connection when it fails: we say so, and go on with all that others asked meanwhile", async () => {
    const good = () => beacon.readFile("axes.yml");
    const [bad, ...others] = await Promise.allSettled([beacon.readFile("../outside.yml"), good(), good(), good()]);
    expect(bad).toMatchObject({ status: "rejected", reason: { code: "BEACON" } });
    expect(others.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
    await expect(beacon.moveFile("missing/a.yml", "b.yml")).rejects.toThrow(/missing/);
    expect(await good()).toContain("roby");
  });

  it("locks between two of our clients: wait, release, holder, steal", async () => {
    await using other = await connectBeacon({ address: real.host, name: "other" });
    const held = await beacon.locks.acquire(["m1", "m2"]);
    expect(await other.locks.holders()).toEqual(
      new Map([
        ["m1", "ours"],
        ["m2", "ours"],
      ]),
    );
    await expect(other.locks.acquire(["m2", "m3"], { timeout: 0 })).rejects.toMatchObject({
      code: "LOCK",
      holders: new Map([["m2", "ours"]]),
    });
    const waiting = other.locks.acquire(["m2"]);
    held.release();
    await using second = await waiting;
    expect(await beacon.locks.holders(["m1", "m2"])).toEqual(new Map([["m2", "other"]]));
    await using stolen = await beacon.locks.acquire(["m2"], { priority: 100 });
    if (!second.lost.aborted) await once(second.lost, "abort");
    expect(second.lost.reason).toMatchObject({ code: "LOCK", names: ["m2"] });
    expect(stolen.lost.aborted).toBe(false);
  });

  it("locks between us and a Python process", async () => {
    await using python = new PythonProcess(holdLocks, real.host, "m1", "m5");
    expect(await python.line()).toBe("locked");
    await expect(beacon.locks.acquire(["m1"], { timeout: 0 })).rejects.toThrow("m1 by python");
    const waiting = beacon.locks.acquire(["m1"]);
    python.tell("that is enough");
    await using lock = await waiting;
    expect(lock.held).toEqual(["m1"]);
  });

  it("may be restarted under us: we reconnect, read on and have our locks again", async () => {
    await using other = await connectBeacon({ address: real.host, name: "other" });
    await using lock = await beacon.locks.acquire(["m7"]);
    const states: string[] = [];
    const stop = beacon.onState((state) => states.push(state));
    await real.restart();
    expect(await beacon.readFile("axes.yml")).toContain("roby");
    stop();
    expect(states).toEqual(["lost", "ready"]);
    await expect(other.locks.acquire(["m7"], { timeout: 0.5 })).rejects.toThrow("m7 by ours");
    expect(lock.lost.aborted).toBe(false);
  });
});
