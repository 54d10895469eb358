import { rm } from "node:fs/promises";
import { AcquisitionChain, type AcquisitionMaster, SoftwareTimerMaster } from "@beamtime/core";
import {
  JogMotorMaster,
  LinearStepTriggerMaster,
  MeshStepTriggerMaster,
  MotorMaster,
  SoftwarePositionTriggerMaster,
  SweepMotorMaster,
  TwoMotorMaster,
  VariableStepTriggerMaster,
} from "@beamtime/motion";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FollowedScans, scansOfBliss, scansOfOurs, storyOf } from "./followed-scans.js";
import { type MotionNames, motionConfig, rounded } from "./motion-beamline.js";
import { bliss } from "./real-beacon.js";
import { storiesOf } from "./scan-stories.js";

const blissdata = process.env["BEAMTIME_BLISSDATA"] ?? "";
const isThere = bliss() !== undefined && blissdata !== "";

/** What is around a master. */
interface Surroundings {
  /** Points of the slave below it; 0: there is none. */
  readonly npoints: number;
  /** Seconds per point. */
  readonly countTime?: number;
  /** Below a timer that triggers it so many times. */
  readonly runs?: number;
}

interface Kind extends Surroundings {
  readonly title: string;
  readonly python: string;
  readonly ours: (axes: MotionNames) => AcquisitionMaster;
}

const kinds: readonly Kind[] = [
  {
    title: "the tutorial, with the points of BLISS 1.x",
    python: "SoftwarePositionTriggerMaster(fly, 5, 10, 10, time=2)",
    ours: ({ fly }) => new SoftwarePositionTriggerMaster(fly, 5, 10, 10, { time: 2, points: "exclusive" }),
    npoints: 10,
  },
  {
    title: "the same downwards",
    python: "SoftwarePositionTriggerMaster(fly, 10, 5, 4, time=2)",
    ours: ({ fly }) => new SoftwarePositionTriggerMaster(fly, 10, 5, 4, { time: 2, points: "exclusive" }),
    npoints: 4,
  },
  {
    title: "the same in several runs",
    python: "SoftwarePositionTriggerMaster(fly, [0, 2], 4, 4, time=1)",
    ours: ({ fly }) => new SoftwarePositionTriggerMaster(fly, [0, 2], 4, 4, { time: 1, points: "exclusive" }),
    npoints: 8,
  },
  {
    title: "a MotorMaster",
    python: "MotorMaster(fly, 0, 2, time=0.5, undershoot_start_margin=0.2)",
    ours: ({ fly }) => new MotorMaster(fly, 0, 2, { time: 0.5, undershootStartMargin: 0.2 }),
    npoints: 1,
  },
  {
    title: "a MotorMaster back and forth",
    python: "MotorMaster(fly, 0, 2, time=0.5, backnforth=True)",
    ours: ({ fly }) => new MotorMaster(fly, 0, 2, { time: 0.5, backnforth: true }),
    npoints: 3,
    runs: 3,
  },
  {
    title: "a TwoMotorMaster",
    python: "TwoMotorMaster(fly, 0, 2, s1f, 1, 2, time=1)",
    ours: ({ fly, s1f }) =>
      new TwoMotorMaster({ axis: fly, start: 0, end: 2 }, { axis: s1f, start: 1, end: 2 }, { time: 1 }),
    npoints: 1,
  },
  {
    title: "a LinearStepTriggerMaster",
    python: "LinearStepTriggerMaster(5, fly, 0, 4, roby, 1, -1)",
    ours: ({ fly, roby }) =>
      new LinearStepTriggerMaster(5, [
        { axis: fly, start: 0, stop: 4 },
        { axis: roby, start: 1, stop: -1 },
      ]),
    npoints: 5,
  },
  {
    title: "a LinearStepTriggerMaster of a calculated axis, which emits its real axes too",
    python: "LinearStepTriggerMaster(3, s1hg, 0, 2, roby, 0, 1)",
    ours: ({ s1hg, roby }) =>
      new LinearStepTriggerMaster(3, [
        { axis: s1hg, start: 0, stop: 2 },
        { axis: roby, start: 0, stop: 1 },
      ]),
    npoints: 3,
  },
  {
    title: "a MeshStepTriggerMaster back and forth",
    python: "MeshStepTriggerMaster(fly, 0, 1, 3, roby, 0, 1, 2, backnforth=True)",
    ours: ({ fly, roby }) =>
      new MeshStepTriggerMaster(
        [
          { axis: fly, start: 0, stop: 1, npoints: 3 },
          { axis: roby, start: 0, stop: 1, npoints: 2 },
        ],
        { backnforth: true },
      ),
    npoints: 6,
  },
  {
    title: "a VariableStepTriggerMaster",
    python: "VariableStepTriggerMaster(fly, [0, 0.5, 2], roby, [3, 2, 2])",
    ours: ({ fly, roby }) =>
      new VariableStepTriggerMaster([
        { axis: fly, positions: [0, 0.5, 2] },
        { axis: roby, positions: [3, 2, 2] },
      ]),
    npoints: 3,
  },
  {
    title: "a SweepMotorMaster",
    python: "SweepMotorMaster(fly, 0, 3, npoints=3, time=0.4)",
    ours: ({ fly }) => new SweepMotorMaster(fly, 0, 3, 3, { time: 0.4 }),
    npoints: 1, // one trigger, at the first sweep
  },
];

/** Of `fly`. A mockup of BLISS stands on whole steps, one of ours anywhere. */
const step = 1e-4;
const counter = "simulation_diode_sampling_controller:diode2";

/** Position and velocity of `fly` after each scan. */
interface Rests {
  readonly rests: readonly (readonly [number, number])[];
}

/** Of which the comparison has its own test. */
const extras = { tutorial: kinds.length, jog: kinds.length + 1, tooFast: kinds.length + 2 };
const scans = kinds.length + 3;

describe.skipIf(!isThere)("the same chains of motor masters in BLISS and here", () => {
  let config: string;
  let theirs: FollowedScans & Rests;
  let ours: FollowedScans & Rests;
  beforeAll(async () => {
    config = await motionConfig();
    [theirs, ours] = await Promise.all([ofTheirs({ config, blissdata, scans }), ofOurs({ config, blissdata, scans })]);
  }, 240_000);
  afterAll(() => rm(config, { recursive: true, force: true }));

  it.each(kinds.map(({ title }, index) => [title, index] as const))("%s", (_title, index) => {
    const [story, expected] = [storyOf(ours, index), storyOf(theirs, index)];
    expect(expected.life).toEqual(["NEW_NODE", "PREPARED_SCAN", "END_SCAN"]);
    expect(expected.exception).toBe("");
    expect(expected.data[counter]).toEqual(new Array(kinds[index]?.npoints).fill(42));
    expect(story).toEqual(expected);
    const [rest, theirRest] = [ours.rests[index], theirs.rests[index]];
    expect(Math.abs((rest?.[0] ?? Number.NaN) - (theirRest?.[0] ?? Number.NaN))).toBeLessThan(step);
    expect(rest?.[1]).toBe(theirRest?.[1]);
  });

  it("the tutorial itself: the same nodes and triggers, but the points of the tutorial", () => {
    const [story, expected] = [storyOf(ours, extras.tutorial), storyOf(theirs, extras.tutorial)];
    for (const key of ["type", "life", "tree", "exception", "types"] as const)
      expect(story[key]).toEqual(expected[key]);
    expect(expected.data[counter]).toEqual(new Array(10).fill(42));
    expect(story.data[counter]).toEqual(expected.data[counter]);
    // on purpose (D-7): the tutorial has both ends among its points, and one step beyond; BLISS 1.x leaves out the end
    const positions = story.data["axis:fly"] as number[];
    const theirPositions = expected.data["axis:fly"] as number[];
    expect(positions).toEqual(rounded(Array.from({ length: 10 }, (_, i) => 5 + (i * 5) / 9)));
    expect(theirPositions).toEqual(Array.from({ length: 10 }, (_, i) => 5 + i / 2));
    for (const [i, position] of positions.entries()) {
      expect(Math.abs(position - (theirPositions[i] ?? Number.NaN))).toBeLessThan(5 / 9 + 1e-5);
    }
    expect(theirs.rests[extras.tutorial]).toEqual([10.005, 5]);
    expect(rounded(ours.rests[extras.tutorial])).toEqual([10.56056, 5]); // 10.56 in the tutorial
  });

  it("a JogMotorMaster: the same nodes, and an axis that stands where it was told to end", () => {
    const [story, expected] = [storyOf(ours, extras.jog), storyOf(theirs, extras.jog)];
    expect(story).toEqual(expected);
    expect(expected.life).toEqual(["NEW_NODE", "PREPARED_SCAN", "END_SCAN"]);
    for (const { rests } of [ours, theirs]) {
      const [position, velocity] = rests[extras.jog] ?? [Number.NaN, Number.NaN];
      expect(position).toBeGreaterThan(2);
      expect(velocity).toBe(5);
    }
  });

  it("a scan that is too fast for its slave: it fails, and the axis stops on its way", () => {
    const [story, expected] = [storyOf(ours, extras.tooFast), storyOf(theirs, extras.tooFast)];
    // how many points there are by then is chance, and the errors are of classes of their own
    for (const key of ["type", "life", "tree", "types"] as const) expect(story[key]).toEqual(expected[key]);
    expect(expected.exception).toBe("<class 'RuntimeError'>");
    expect(story.exception).toBe("<class 'beamtime.AcquisitionError'>");
    for (const { rests } of [ours, theirs]) {
      const [position, velocity] = rests[extras.tooFast] ?? [Number.NaN, Number.NaN];
      expect(position).toBeGreaterThan(0.1);
      expect(position).toBeLessThan(20);
      expect(velocity).toBe(5);
    }
  });

  it("both readers are told the same of both", () => {
    expect(storiesOf(theirs.ours)).toEqual(storiesOf(theirs.python));
    expect(storiesOf(ours.ours)).toEqual(storiesOf(ours.python));
    expect(storiesOf(ours.ours)).toHaveLength(scans);
  });
});

const preamble = [
  "from bliss.scanning.chain import AcquisitionChain",
  "from bliss.scanning.acquisition.motor import *",
  "from bliss.scanning.acquisition.motor import MotorMaster, SweepMotorMaster, JogMotorMaster, TwoMotorMaster",
  "from bliss.scanning.acquisition.counter import SamplingCounterAcquisitionSlave",
  "from bliss.scanning.acquisition.timer import SoftwareTimerMaster",
];

async function ofTheirs(expected: Parameters<typeof scansOfBliss>[0]): Promise<FollowedScans & Rests> {
  const rests: (readonly [number, number])[] = [];
  const followed = await scansOfBliss(expected, async (session) => {
    for (const line of preamble) await session.run(line);
    const build = async (master: string, { npoints, runs, countTime = 0.01 }: Surroundings): Promise<void> => {
      await session.run("chain = AcquisitionChain()");
      await session.run(`master = ${master}`);
      if (runs !== undefined) await session.run(`chain.add(SoftwareTimerMaster(0.01, npoints=${runs}), master)`);
      const slave = `SamplingCounterAcquisitionSlave(diode2, count_time=${countTime}, npoints=${npoints})`;
      await session.run(npoints === 0 ? "chain.add(master)" : `chain.add(master, ${slave})`);
      const scan = session.run("Scan(chain, 'chain').run()");
      if (rests.length === extras.tooFast) await expect(scan).rejects.toThrow("bad triggering on slaves");
      else await scan;
      rests.push((await session.run("[fly.position, fly.velocity]")) as [number, number]);
    };
    for (const kind of kinds) await build(kind.python, kind);
    await build("SoftwarePositionTriggerMaster(fly, 5, 10, 10, time=5)", { npoints: 10 });
    await build("JogMotorMaster(fly, 0, 4, end_jog_func=lambda axis: axis.position < 2)", { npoints: 0 });
    await build("SoftwarePositionTriggerMaster(fly, 0, 20, 80, time=20)", { npoints: 80, countTime: 2 });
  });
  return { ...followed, rests };
}

async function ofOurs(expected: Parameters<typeof scansOfOurs>[0]): Promise<FollowedScans & Rests> {
  const rests: (readonly [number, number])[] = [];
  const followed = await scansOfOurs(expected, async (session) => {
    const { fly, diode2 } = session.env;
    const build = async (
      master: AcquisitionMaster,
      { npoints, runs, countTime = 0.01 }: Surroundings,
    ): Promise<void> => {
      const chain = new AcquisitionChain();
      if (runs !== undefined) chain.add(new SoftwareTimerMaster(0.01, { npoints: runs }), master);
      if (npoints === 0) chain.add(master);
      else chain.add(master, diode2.controller.createAcquisitionObject([diode2], { countTime, npoints }));
      const scan = session.newScan(chain, { name: "chain" }).run();
      if (rests.length === extras.tooFast) await expect(scan).rejects.toThrow("bad triggering on slaves");
      else await scan;
      rests.push([fly.position, fly.velocity]);
    };
    for (const kind of kinds) await build(kind.ours(session.env), kind);
    await build(new SoftwarePositionTriggerMaster(fly, 5, 10, 10, { time: 5 }), { npoints: 10 });
    await build(new JogMotorMaster(fly, 0, 4, { endJogFunc: ({ position }) => position < 2 }), { npoints: 0 });
    await build(new SoftwarePositionTriggerMaster(fly, 0, 20, 80, { time: 20 }), { npoints: 80, countTime: 2 });
  });
  return { ...followed, rests };
}
