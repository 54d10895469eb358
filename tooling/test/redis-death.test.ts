import { readFileTree } from "@beamtime/hdf5";
import { describe, expect, it } from "vitest";
import { startDemoBeacon } from "./demo-beacon.js";
import { startSession, typedInSession } from "./demo-session.js";
import { redisProcesses } from "./redis-processes.js";

describe.concurrent("a Redis server that dies during a scan", { timeout: 60_000 }, () => {
  it("with the data ends it with a clear error and a whole file; the next scan goes on, with the next number", async () => {
    await using beacon = await startDemoBeacon();
    const { data } = await redisProcesses(beacon.address);
    const code = `
      try { ascan(roby, 0, 9, 50000, 0.02, diode) } catch (error) { console.log(error.name + ": " + error.message) }
      console.log(SCANS.at(-1).state);
      loopscan(3, 0.01, diode)`;
    await using session = startSession(beacon.address, code);
    await session.printed(/^ +10 /m);
    process.kill(data, "SIGKILL");
    await beacon.program.printed(/Redis \(data\): .* has died, its last words: none\n.* runs again, with nothing/);
    expect(await session.ended).toBe(0);
    expect(session.output).toMatch(
      /^PublisherError: Redis at \S+redis_data.sock has lost demo_session:.*:1_ascan:.*\nKILLED$/m,
    );
    const [, filename = ""] = /Scan\(number=2, name=loopscan, path=(\S+)\)/.exec(session.output) ?? [];
    const [first = "", second] = (await readFileTree(filename)).split(/^ *2\.1\//m);
    expect(first).toMatch(/end_reason .* "FAILURE"/);
    expect(first).toContain("end_time");
    expect(Number(/value \[<f8 \[(\d+)\]/.exec(first)?.[1])).toBeGreaterThanOrEqual(10);
    expect(second).toMatch(/end_reason .* "SUCCESS"/);
  });

  it("with the settings does not disturb it; what the session has of SCAN_SAVING is kept, and what it changes then", async () => {
    await using beacon = await startDemoBeacon();
    const { settings } = await redisProcesses(beacon.address);
    const code = `
      SCAN_SAVING.add("s_name", "before");
      SCAN_SAVING.add("changed", "before");
      ascan(roby, 0, 1, 30, 0.02, diode);
      SCAN_SAVING.changed = "after";
      mv(roby, 4);
      loopscan(3, 0.01, diode)`;
    await using session = startSession(beacon.address, code);
    await session.printed(/^ +10 /m);
    process.kill(settings, "SIGKILL");
    await beacon.program.printed(/Redis \(settings\): .* has died, .*\n.* runs again, with what it saved last/);
    expect(await session.ended).toBe(0);
    expect(session.output).toContain("Scan(number=2, name=loopscan");
    const kept = "console.log(SCAN_SAVING.s_name, SCAN_SAVING.changed, roby.position)";
    expect(await typedInSession(beacon.address, kept)).toBe("before after 4\n");
  });
});
