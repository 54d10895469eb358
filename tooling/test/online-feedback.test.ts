import { readFileTree } from "@beamtime/hdf5";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { beamtime, type DemoBeacon, startDemoBeacon } from "./demo-beacon.js";
import { startProgram } from "./running-program.js";

describe("an analysis in a process of its own", () => {
  let beacon: DemoBeacon;
  beforeAll(async () => {
    beacon = await startDemoBeacon();
  });
  afterAll(() => beacon[Symbol.asyncDispose]());

  it("ends an alignment scan through a shared channel when the peak is passed, in the normal way", async () => {
    const env = { BEACON_HOST: beacon.address };
    await using analysis = startProgram(["examples/online-feedback/analysis.mjs", "demo_session", "1"], env);
    await analysis.printed(/following demo_session/);
    const line = [beamtime, "-s", "demo_session", "run", "examples/online-feedback/align.ts", "save"];
    await using scan = startProgram(line, env);
    const [, points = "", filename = ""] = await scan.printed(/DONE after (\d+) points; (\S+\.h5)/);
    expect(await scan.ended).toBe(0);
    expect(await analysis.ended).toBe(0);
    // the middle of the peak is at the 250th of 501 points, half of it some 60 points further
    expect(Number(points)).toBeGreaterThan(250);
    expect(Number(points)).toBeLessThan(500);
    expect(analysis.output).toMatch(/stop the alignment: maximum 1?\d\d\.\d+, now \d/);
    const tree = await readFileTree(filename);
    expect(tree).toContain("end_time");
    expect(tree).toMatch(new RegExp(`robz.*\\n.*\\[${points}\\]|robz.*${points}`));
  });
});
