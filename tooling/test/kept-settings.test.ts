import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DemoBeacon, startDemoBeacon } from "./demo-beacon.js";
import { typedInSession } from "./demo-session.js";

describe("what a session has set", { timeout: 60_000 }, () => {
  let beacon: DemoBeacon;
  beforeAll(async () => {
    beacon = await startDemoBeacon();
  });
  afterAll(() => beacon[Symbol.asyncDispose]());

  async function restartBeacon(): Promise<void> {
    beacon.program.kill("SIGTERM");
    await beacon.restart();
  }

  it("of an axis is there in the next session, and after a restart of Beacon", async () => {
    await typedInSession(beacon.address, "roby.setVelocity(5); mv(roby, 3)");
    const told = "console.log(roby.velocity, roby.position, robz.velocity)";
    expect(await typedInSession(beacon.address, told)).toBe("5 3 20\n");
    await restartBeacon();
    expect(await typedInSession(beacon.address, told)).toBe("5 3 20\n");
  });

  it("of SCAN_SAVING is there too: scans of sample1 and sample2 go on in their places, with the next numbers", async () => {
    const scan = "ascan(roby, 0, 0.9, 1, 0.01, diode)";
    await typedInSession(
      beacon.address,
      `SCAN_SAVING.add('s_name', '');
       SCAN_SAVING.template = '{session}/{s_name}/';
       SCAN_SAVING.s_name = 'sample1';
       ${scan}; ${scan};
       SCAN_SAVING.s_name = 'sample2';
       ${scan}`,
    );
    const data = `${beacon.folder}/data/demo_session`;
    expect(await typedInSession(beacon.address, scan)).toContain(
      `Scan(number=2, name=ascan, path=${data}/sample2/data.h5)`,
    );
    await restartBeacon(); // with a new Redis for the data: the files tell how far they are
    expect(await typedInSession(beacon.address, scan)).toContain(
      `Scan(number=3, name=ascan, path=${data}/sample2/data.h5)`,
    );
    expect(await typedInSession(beacon.address, `SCAN_SAVING.s_name = 'sample1'; ${scan}`)).toContain(
      `Scan(number=3, name=ascan, path=${data}/sample1/data.h5)`,
    );
  });
});
