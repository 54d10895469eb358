import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root, run } from "./built-packages.js";

describe("the demo", () => {
  let folder: string;
  let output: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "beamtime-demo-"));
    const args = ["apps/shell/dist/beamtime.js", "-s", "demo_session", "--config", "demo", "run", "demo/demo.ts"];
    const { stdout } = await run(process.execPath, args, { cwd: root, env: { ...process.env, TMPDIR: folder } });
    output = stdout;
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true }));

  it("shows each scan as a table: 11 points of 10 intervals, 12 of the grid", () => {
    expect(output).toMatch(/diode = +[\d.]+ \( [\d.]+ \/s\)/);
    expect(output).toContain("** Scan 1: ascan roby 0.0000 9.0000 10 0.1 **");
    expect(output).toMatch(/^ +10 +[\d.]+ +9 +[\d.]+$/m);
    expect(output).toContain("** Scan 2: amesh roby 0.0000 2.0000 2 robz 0.0000 3.0000 3 0.05 **");
    expect(output).toMatch(/^ +11 +[\d.]+ +2 +3 +[\d.]+ +42$/m);
  });

  it("is followed by a second process from the first scan to the last", () => {
    for (const name of ["_1_ct", "1_ascan", "2_amesh", "3_timescan"]) {
      expect(output).toMatch(new RegExp(`^\\[follower\\] scan demo_session:.*:${name} started$`, "m"));
      expect(output).toMatch(new RegExp(`^\\[follower\\] scan demo_session:.*:${name} ends$`, "m"));
    }
    expect(output).toMatch(/^\[follower\] simulation_diode_sampling_controller:diode \[10\] /m);
  });

  it("ends an endless scan in the normal way by a watchdog", () => {
    expect(output).toMatch(/the watchdog has ended the timescan after \d+ points: DONE/);
  });

  it("prints the node tree, the path of the file and its tree", () => {
    expect(output).toMatch(/^diode +demo_session:.*:1_ascan:axis:timer:\S+:diode +<ChannelNode>$/m);
    expect(output).toContain(`The data file: ${folder}/scans/demo_session/data.h5`);
    expect(output).toContain("roby -> /1.1/instrument/roby/value");
  });
});
