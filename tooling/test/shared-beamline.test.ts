import { connect } from "@beamtime/data";
import { readFileTree } from "@beamtime/hdf5";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DemoBeacon, startDemoBeacon } from "./demo-beacon.js";
import { scanUntilEnough, startSession, typedInSession } from "./demo-session.js";

/** What a user types who tries 20 scans, and tells the number or the error of each. */
const twentyScans = (options: string): string => `
  for (let i = 0; i < 20; i++) {
    try { console.log("DONE", loopscan(5, 0.001, diode, ${options}).number) } catch (error) { console.log("REFUSED", error.message) }
  }`;

describe("two sessions in two processes", { timeout: 60_000 }, () => {
  let beacon: DemoBeacon;
  beforeAll(async () => {
    beacon = await startDemoBeacon();
  });
  afterAll(() => beacon[Symbol.asyncDispose]());

  /** Both at once; the lines that match. */
  async function inBoth(code: string, pattern: RegExp): Promise<string[]> {
    const both = await Promise.all([typedInSession(beacon.address, code), typedInSession(beacon.address, code)]);
    return both.flatMap((output) => output.match(pattern) ?? []);
  }

  it("scan an axis one after the other, and share settings and channels meanwhile", async () => {
    const place = `SCAN_SAVING.add("s_name", "A"); SCAN_SAVING.template = "{session}/{s_name}/";`;
    await using first = startSession(beacon.address, `${place} ${scanUntilEnough} loopscan(1, 0.01, diode)`);
    await first.printed(/^ +1 /m);
    const second = await typedInSession(
      beacon.address,
      `
      const attempt = (action) => action().then(() => "done", (error) => error.name + ": " + error.message);
      console.log("place", SCAN_SAVING.s_name);
      console.log(attempt(() => ascan(roby, 5, 6, 3, 0.01, diode, { save: false })));
      console.log(attempt(() => ascan(robz, 5, 6, 3, 0.01, diode)));
      console.log("at", robz.position);
      SCAN_SAVING.s_name = "B";
      const enough = new Channel("enough", { defaultValue: false });
      enough.set(true);
      enough.close();`,
    );
    expect(second).toContain("place A\n");
    expect(second).toMatch(
      new RegExp(`^DeviceInUseError: roby is in use by demo_session@\\S+:${first.pid}: wait`, "m"),
    );
    expect(second).toMatch(
      new RegExp(`^WriterError: \\S+/A/data.h5: is being written by process ${first.pid} on \\S+. Wait`, "m"),
    );
    expect(second).toContain("at 0\n");
    expect(await first.ended).toBe(0);
    expect(first.output).toContain("DONE after");
    expect(first.output).toMatch(/Scan\(number=1, name=loopscan, path=\S+\/B\/data.h5\)/);
    expect(await typedInSession(beacon.address, "ascan(roby, 0, 0.1, 1, 0.01, diode)")).toMatch(
      /Scan\(number=2, name=ascan/,
    );

    // what was refused was not published either
    await using store = await connect({ beacon: beacon.address });
    const scans: string[] = [];
    const session = await store.getSessionNode("demo_session");
    for await (const { dbName } of session.walk({ filter: "scan", wait: false })) scans.push(dbName);
    expect(scans.map((name) => name.split(":").slice(-2).join(":")).toSorted()).toEqual([
      "A:1_ascan",
      "B:1_loopscan",
      "B:2_ascan",
    ]);
  });

  it("count the scans of one place together", async () => {
    const done = await inBoth(twentyScans("{ save: false }"), /^DONE \d+$/gm);
    expect(done.toSorted()).toEqual(Array.from({ length: 40 }, (_, index) => `DONE ${index + 1}`).toSorted());
  });

  it("write one file in turn: the scan of the other is refused with a clear error, those that run are whole", async () => {
    const place = `SCAN_SAVING.template = "{session}/shared/"; console.log(SCAN_SAVING.get().filename);`;
    const lines = await inBoth(`${place} ${twentyScans("{}")}`, /^(DONE|REFUSED|\/).*$/gm);
    const filename = lines.find((line) => line.startsWith("/")) ?? "";
    const [done, refused] = ["DONE", "REFUSED"].map((word) => lines.filter((line) => line.startsWith(word)));
    expect([...(done ?? []), ...(refused ?? [])]).toHaveLength(40);
    expect(new Set(done).size).toBe(done?.length);
    for (const line of refused ?? []) expect(line).toContain(`${filename}: is being written by process`);
    const tree = await readFileTree(filename);
    expect(tree.match(/^ *\d+\.1\/ /gm)).toHaveLength(done?.length ?? 0);
    expect(tree.match(/status \[str \[\]\] "SUCCEEDED"/g)).toHaveLength(done?.length ?? 0);
  });
});
