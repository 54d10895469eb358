import { type BeaconClient, connectBeacon } from "@beamtime/beacon-client";
import { Channel, ChannelBus } from "@beamtime/channels";
import { deferred } from "@beamtime/concurrency";
import { ChannelNode, connect, type DataStore, type ScanNode } from "@beamtime/data";
import { readFileTree } from "@beamtime/hdf5";
import { connectRedis, settingsDatabase } from "@beamtime/redis";
import { describe, expect, it, vi } from "vitest";
import { startDemoBeacon } from "./demo-beacon.js";
import { scanUntilEnough, startSession, typedInSession } from "./demo-session.js";
import { redisProcesses } from "./redis-processes.js";
import type { RunningProgram } from "./running-program.js";

/** Follows the next scan of the demo's session to its end, and counts the points of each channel. */
async function followScan(
  store: DataStore,
  onReady: () => void,
): Promise<{ scan: ScanNode; points: Record<string, number> }> {
  const points: Record<string, number> = {};
  const session = await store.getSessionNode("demo_session");
  for await (const event of session.walkOnNewEvents({ onReady })) {
    if (event.type === "NEW_DATA") points[event.node.name] = (points[event.node.name] ?? 0) + event.npoints;
    if (event.type === "END_SCAN") return { scan: event.node as ScanNode, points }; // what ends is a scan
  }
  throw new Error("the walk has ended");
}

/** Sets the channel that a session waits for until it ends. Returns its exit code. */
async function sayEnough(client: BeaconClient, session: RunningProgram): Promise<number | null> {
  await using settings = await connectRedis(await client.settingsRedis(), { db: settingsDatabase });
  await using bus = await ChannelBus.connect(settings);
  await using enough = new Channel("enough", { bus, defaultValue: false });
  await enough.set(true);
  return await session.ended; // nobody but this process would answer a session that finds Redis again later
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe.concurrent("a Beacon server", { timeout: 60_000 }, () => {
  it("that is killed and started again disturbs no session: scan, readers, locks, channels and settings go on", async () => {
    await using beacon = await startDemoBeacon();
    await typedInSession(beacon.address, "SCAN_SAVING.add('s_name', 'before')");
    await using store = await connect({ beacon: beacon.address });
    const ready = deferred<void>();
    const following = followScan(store, () => ready.resolve());
    await ready.promise;
    await using session = startSession(beacon.address, scanUntilEnough);
    await session.printed(/^ +10 /m);
    const redis = await redisProcesses(beacon.address);

    beacon.program.kill("SIGKILL");
    await beacon.program.ended;
    await session.printed(/^ +40 /m);
    await beacon.restart();
    expect(await redisProcesses(beacon.address)).toEqual(redis);
    await using client = await connectBeacon({ address: beacon.address });
    const holder = new RegExp(`^demo_session@.*:${session.pid}$`);
    await vi.waitFor(async () => expect((await client.locks.holders()).get("roby")).toMatch(holder), 10_000);

    expect(await sayEnough(client, session)).toBe(0);
    const [, count = "", filename = ""] = await session.printed(/DONE after (\d+) points in (\S+)/);
    const { scan, points } = await following;
    expect(await scan.info()).toMatchObject({ state: "DONE" });
    expect(Number(count)).toBeGreaterThan(40);
    expect(points).toEqual({
      "axis:roby": Number(count),
      "simulation_diode_sampling_controller:diode": Number(count),
      "timer:elapsed_time": Number(count),
      "timer:epoch": Number(count),
    });
    for await (const node of scan.walk({ wait: false })) {
      if (node instanceof ChannelNode) expect(await node.length()).toBe(Number(count));
    }
    expect((await readFileTree(filename)).match(/(value|data|signal) \[<f8 \[\d+\]/g)?.toSorted()).toEqual([
      ...[`data [<f8 [${count}]`, `data [<f8 [${count}]`], // elapsed_time and epoch
      ...[`signal [<f8 [${count}]`, `value [<f8 [${count}]`], // diode and roby
    ]);
    expect(await client.locks.holders()).toEqual(new Map());
    expect(await typedInSession(beacon.address, "SCAN_SAVING.s_name")).toBe("before\n");
  });

  it("ends in order when it is told to: with its Redis servers, and with the settings for the next one", async () => {
    await using beacon = await startDemoBeacon();
    await typedInSession(beacon.address, "SCAN_SAVING.add('s_name', 'before')");
    const pids = Object.values(await redisProcesses(beacon.address));
    expect(pids.map(runs)).toEqual([true, true]);
    beacon.program.kill("SIGTERM");
    expect(await beacon.program.ended).toBe(0);
    expect(pids.map(runs)).toEqual([false, false]);
    expect(beacon.program.output).toBe(`BEACON_HOST=${beacon.address}\n`);
    await beacon.restart();
    expect(await typedInSession(beacon.address, "SCAN_SAVING.s_name")).toBe("before\n");
  });

  it("goes on without a terminal when that is closed, as with nohup", async () => {
    await using beacon = await startDemoBeacon();
    const redis = await redisProcesses(beacon.address);
    beacon.program.kill("SIGHUP");
    expect(await typedInSession(beacon.address, "1 + 1")).toBe("2\n");
    expect(await redisProcesses(beacon.address)).toEqual(redis);
  });

  it("that ends and comes back is found again by sessions that were open meanwhile: Redis, channels, settings", async () => {
    await using beacon = await startDemoBeacon();
    const code = `
      SCAN_SAVING.add("s_name", "before");
      roby.setVelocity(7);
      const enough = new Channel("enough", { defaultValue: false });
      enough.ready();
      console.log("waiting");
      while (!enough.value) sleep(0.05);
      enough.close();
      SCAN_SAVING.s_name = "after";
      ascan(roby, 0, 0.2, 1, 0.01, diode)`;
    await using session = startSession(beacon.address, code);
    await session.printed(/waiting/);
    beacon.program.kill("SIGTERM");
    await beacon.restart();
    await using client = await connectBeacon({ address: beacon.address });
    expect(await sayEnough(client, session)).toBe(0);
    expect(session.output).toContain("Scan(number=1, name=ascan");
    const kept = "console.log(roby.velocity, roby.position, SCAN_SAVING.s_name)";
    expect(await typedInSession(beacon.address, kept)).toBe("7 0.2 after\n");
  });
});
