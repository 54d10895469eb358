import { readFileTree } from "@beamtime/hdf5";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { beamtime, type DemoBeacon, startDemoBeacon } from "./demo-beacon.js";
import { startProgram } from "./running-program.js";

describe("the tutorial of the continuous scan", () => {
  let beacon: DemoBeacon;
  beforeAll(async () => {
    beacon = await startDemoBeacon();
  });
  afterAll(() => beacon[Symbol.asyncDispose]());

  it("moves from 4.99 to 10.56 at velocity 1 and takes ten frames", async () => {
    const env = { BEACON_HOST: beacon.address };
    const line = [beamtime, "-s", "demo_session", "run", "examples/continuous-scan/tutorial.ts", "save"];
    await using scan = startProgram(line, env);
    expect([await scan.ended, scan.output]).toEqual([0, expect.anything()]);
    const { output } = scan;
    expect(output).toContain(
      [
        ". chain(AcquisitionChain)",
        "└── axis(SoftwarePositionTriggerMaster)",
        "    └── lima_dev(CameraAcquisitionSlave)",
      ].join("\n"),
    );
    const moves = Array.from(output.matchAll(/moves to (\S+) mm at (\S+) mm\/s/g), ([, to, velocity]) => [
      to,
      velocity,
    ]);
    expect(moves).toEqual([
      ["4.9950", "20"],
      ["10.5606", "1"],
    ]);
    expect(output).toContain("frames 0 1 2 3 4 5 6 7 8 9 at 5.0000 5.5556 6.1111");
    expect(output).toContain("9.4444 10.0000 mm");
    expect(output).toContain("the axis has its velocity again");
    const [, dbName = "", filename = ""] = /scan_1 is DONE: (\S+); (\S+\.h5)/.exec(output) ?? [];
    expect(dbName).toMatch(/my_sample:1_scan$/);
    const tree = await readFileTree(filename);
    expect(tree).toContain("data [<u4 [10, 64]");
  });
});
