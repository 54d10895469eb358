import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FollowedScans, scansOfBliss, scansOfOurs, storyOf } from "./followed-scans.js";
import { type MotionSession, motionConfig, rounded } from "./motion-beamline.js";
import { bliss } from "./real-beacon.js";
import { type ScanStory, storiesOf } from "./scan-stories.js";

const blissdata = process.env["BEAMTIME_BLISSDATA"] ?? "";
const isThere = bliss() !== undefined && blissdata !== "";
const diode = "simulation_diode_sampling_controller:diode2";
const detectors = "diode2, simu1";

/** Scans that both systems have, as they are typed there and here. */
const common: readonly (readonly [python: string, ours: (session: MotionSession) => Promise<unknown>])[] = [
  [
    `d2scan(fly, -1, 1, roby, 2, -2, 4, 0.01, ${detectors})`,
    ({ commands, env: { fly, roby, diode2, simu1 } }) =>
      commands.d2scan(fly, -1, 1, roby, 2, -2, 4, 0.01, diode2, simu1),
  ],
  [
    "anscan([(fly, 0, 1), (roby, 0, 2), (s1hg, 4, 2)], 2, 0.01, diode2)",
    ({ commands, env: { fly, roby, s1hg, diode2 } }) =>
      commands.anscan(
        [
          [fly, 0, 1],
          [roby, 0, 2],
          [s1hg, 4, 2],
        ],
        2,
        0.01,
        diode2,
      ),
  ],
  [
    "dnscan([(fly, 0, 1), (s1ho, -1, 1)], 2, 0.01, diode2)",
    ({ commands, env: { fly, s1ho, diode2 } }) =>
      commands.dnscan(
        [
          [fly, 0, 1],
          [s1ho, -1, 1],
        ],
        2,
        0.01,
        diode2,
      ),
  ],
  [
    "pointscan(fly, [0, 1, 0.5, 3], 0.01, diode2)",
    ({ commands, env: { fly, diode2 } }) => commands.pointscan(fly, [0, 1, 0.5, 3], 0.01, diode2),
  ],
  [
    `lookupscan([(fly, [0, 1, 3]), (roby, [2, 2, 0])], 0.01, ${detectors})`,
    ({ commands, env: { fly, roby, diode2, simu1 } }) =>
      commands.lookupscan(
        [
          [fly, [0, 1, 3]],
          [roby, [2, 2, 0]],
        ],
        0.01,
        diode2,
        simu1,
      ),
  ],
  [
    "ascan(measured, 0, 2, 2, 0.01, diode2)",
    ({ commands, env: { measured, diode2 } }) => commands.ascan(measured, 0, 2, 2, 0.01, diode2),
  ],
];

/** Without the order in which the devices below a timer are announced, which is chance in BLISS. */
function inAnyOrder(story: ScanStory): ScanStory {
  const tree = Object.entries(story.tree).map(([parent, children]) => [parent, [...children].sort()]);
  return { ...story, tree: Object.fromEntries(tree) };
}

/** Ours alone: how many points each has. */
const continuous = {
  scan: common.length,
  measured: common.length + 1,
  mesh: common.length + 2,
  exclusive: common.length + 3,
};

describe.skipIf(!isThere)("scans of our session under the eyes of the real client", () => {
  let config: string;
  let theirs: FollowedScans;
  let ours: FollowedScans;
  beforeAll(async () => {
    config = await motionConfig();
    const scans = common.length;
    [theirs, ours] = await Promise.all([
      scansOfBliss({ config, blissdata, scans }, async (session) => {
        await session.run("from bliss.common.scans import d2scan, anscan, dnscan, pointscan, lookupscan");
        for (const [scan] of common) await session.run(scan);
      }),
      scansOfOurs({ config, blissdata, scans: scans + Object.keys(continuous).length }, async (session) => {
        for (const [, scan] of common) await scan(session);
        const { contScan, contMesh } = session.commands;
        const { fly, measured, roby, diode2, simu1 } = session.env;
        const countTime = 0.05; // so that slaves are ready in time also when the machine is busy
        await contScan(fly, 0, 5, 6, 4, diode2, simu1, { countTime });
        await contScan(measured, 3, 1, 5, 3, diode2, { countTime });
        await contMesh(fly, 0, 2, 3, roby, 0, 1, 2, 1.5, diode2, { countTime, backnforth: true });
        await contScan(fly, 0, 4, 4, 3, diode2, { countTime, points: "exclusive" });
      }),
    ]);
  }, 240_000);
  afterAll(() => rm(config, { recursive: true, force: true }));

  it.each(common.map(([python], index) => [python, index] as const))("%s is told as one of BLISS", (_python, index) => {
    const [story, expected] = [storyOf(ours, index), storyOf(theirs, index)];
    expect(expected.life).toEqual(["NEW_NODE", "PREPARED_SCAN", "END_SCAN"]);
    expect(expected.exception).toBe("");
    expect(inAnyOrder(story)).toEqual(inAnyOrder(expected));
    const [info, theirInfo] = [ours.nodes.get(story.scan)?.info, theirs.nodes.get(expected.scan)?.info];
    if (theirInfo?.["start"]) expect(info).toEqual(theirInfo);
    // of lists of positions ours tells more, and calls a pointscan a pointscan, with the count time as it was typed
    else expect({ ...info, start: null, stop: null, title: theirInfo?.["title"] }).toEqual(theirInfo);
  });

  /** Of a continuous scan: that it has ended well, with so many points on each channel, and the positions of an axis. */
  const whole = (index: number, npoints: number, axis: string): readonly unknown[] => {
    const { life, exception, data, types } = storyOf(ours, index);
    expect(life).toEqual(["NEW_NODE", "PREPARED_SCAN", "END_SCAN"]);
    expect(exception).toBe("");
    for (const [name, values] of Object.entries(data)) {
      const spectra = /^simu1:/.test(name) && types?.[name]?.[1].length === 1;
      const isUndetermined = /^(timer|simu1):/.test(name);
      if (isUndetermined) expect([name, values]).toEqual([name, spectra ? [npoints, 1024] : [npoints]]);
      else expect([name, (values as readonly unknown[]).length]).toEqual([name, npoints]);
    }
    expect(data[diode]).toEqual(new Array(npoints).fill(42));
    return data[`axis:${axis}`] as readonly unknown[]; // a scalar channel
  };

  it("contScan tells all its points", () => {
    expect(whole(continuous.scan, 6, "fly")).toEqual([0, 1, 2, 3, 4, 5]);
    expect(whole(continuous.exclusive, 4, "fly")).toEqual([0, 1, 2, 3]);
  });

  it("contScan tells what the encoder of the axis measures at each point", () => {
    expect(whole(continuous.measured, 5, "measured")).toEqual([3, 2.5, 2, 1.5, 1]);
    const measured = storyOf(ours, continuous.measured).data["encoder:enc"] as readonly number[];
    expect(measured).toHaveLength(5);
    // the same nodes as those of a step scan of BLISS
    const step = storyOf(theirs, common.length - 1);
    expect(inAnyOrder(storyOf(ours, continuous.measured)).tree).toEqual(inAnyOrder(step).tree);
    expect(measured).toEqual([...measured].sort((a, b) => b - a));
  });

  it("contMesh tells all points of both axes, line by line", () => {
    expect(whole(continuous.mesh, 6, "fly")).toEqual([0, 1, 2, 2, 1, 0]);
    expect(whole(continuous.mesh, 6, "roby")).toEqual([0, 0, 0, 1, 1, 1]);
  });

  it("both readers are told the same of them", () => {
    expect(rounded(storiesOf(ours.ours))).toEqual(rounded(storiesOf(ours.python)));
    expect(storiesOf(ours.ours)).toHaveLength(common.length + Object.keys(continuous).length);
  });
});
