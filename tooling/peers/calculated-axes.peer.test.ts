import { type Axis, AxisLimitError, AxisStoppedError } from "@beamtime/motion";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eventually, type MotionBeamline, type MotionNames, openMotionBeamline, rounded } from "./motion-beamline.js";
import { bliss } from "./real-beacon.js";

const slits = ["s1f", "s1b", "s1hg", "s1ho"] as const;
/** Where a mockup of ours is stopped it stands anywhere, and one of BLISS on a whole step; a gap is a sum of two. */
const step = 2e-4;
/** Of the axes of the slits, as a Python expression. */
const view = `[[a.position, a.dial, a.offset, a._set_position, str(a.state)] for a in (${slits.join(", ")})]`;

/** One of the blades counts its steps backwards. */
describe.skipIf(bliss() === undefined)("slits that BLISS and we have at the same time", () => {
  let beamline: MotionBeamline;
  beforeAll(async () => {
    beamline = await openMotionBeamline();
  }, 120_000);
  afterAll(() => beamline?.[Symbol.asyncDispose]());
  beforeEach(async () => {
    for (const blade of [axes().s1f, axes().s1b]) await blade.move(0);
    await agree();
  });

  const axes = (): MotionNames => beamline.ours.env;
  const there = (code: string): Promise<unknown> => beamline.theirs.run(code);
  const seenHere = (): unknown =>
    slits.map((name) => {
      const { position, dial, offset, target, state } = axes()[name];
      return [position, dial, offset, target, state.toString()];
    });
  const agree = async ({ within = 1e-5 } = {}): Promise<void> => {
    for (const name of slits) await axes()[name].saved(); // and told
    await eventually(async () => expectNear(seenHere(), await there(view), within));
  };
  const positions = (): unknown => rounded(slits.map((name) => axes()[name].position));

  /**
   * A process of BLISS that has moved an axis once hears no states of it from others any more. One that starts on a busy machine can, rarely,
   * wait for ever for the answers to what it asks first, as its listener runs the callbacks that wait: it is started again.
   */
  const restartTheirs = async (): Promise<void> => {
    for (let attempt = 1; attempt <= 3; attempt++) {
      await beamline.restartTheirs();
      const seen = await there(view).catch((error: unknown) => String(error));
      if (!String(seen).includes("did not receive a value")) break;
    }
    await agree();
  };

  it("are at the same positions after moves of either, the blades too", async () => {
    await axes().s1hg.move(4);
    await agree();
    expect(positions()).toEqual([2, 2, 4, 0]);
    await there("s1ho.move(0.5)");
    await agree();
    expect(positions()).toEqual([2.5, 1.5, 4, 0.5]);
    // refused, as long as BLISS has not told the end of its own move
    await eventually(() => axes().s1ho.rmove(-1));
    await agree();
    await there("s1hg.rmove(2)");
    await agree();
    expect(positions()).toEqual([2.5, 3.5, 6, -0.5]);
    await there("s1hg.move(1, wait=False)");
    await eventually(() => expect(axes().s1f.isMoving).toBe(true));
    await there("s1hg.wait_move()");
    await agree();
  });

  it("follow a blade that either moves alone", async () => {
    await axes().s1f.move(3);
    await agree();
    expect(positions()).toEqual([3, 0, 3, 1.5]);
    await there("s1b.move(1)");
    await agree();
    expect(positions()).toEqual([3, 1, 4, 1]);
    // what does not move stays where the blades were sent last, whoever sent them
    await axes().s1hg.move(2);
    await agree();
    expect(positions()).toEqual([2, 0, 2, 1]);
  });

  it("are seen to move and to arrive, the gap with its blades", async () => {
    await restartTheirs();
    await there("from bliss.common import event");
    await there("seen = {'s1f': [], 's1hg': []}");
    await there(
      "followers = {name: (lambda state, told=told: told.append(str(state))) for name, told in seen.items()}",
    );
    for (const name of ["s1f", "s1hg"]) await there(`event.connect(${name}, 'state', followers['${name}'])`);
    await axes().s1hg.move(3);
    const story = ["MOVING (Axis is MOVING)", "READY (Axis is READY)"];
    await beamline.seenThere("[seen['s1f'], seen['s1hg']]", [story, story]);
    const states = { s1f: [] as string[], s1hg: [] as string[] };
    for (const name of ["s1f", "s1hg"] as const) axes()[name].onState((state) => states[name].push(state.toString()));
    await there("s1hg.move(0)");
    await eventually(() => expect(states).toEqual({ s1f: story, s1hg: story }));
  });

  it("are stopped by either, blades and gap", async () => {
    await restartTheirs();
    const stopped = axes()
      .s1hg.move(18)
      .catch((error: unknown) => error);
    await beamline.seenThere("s1f.is_moving and s1hg.is_moving", true);
    await there("s1hg.stop()");
    expect(await stopped).toBeInstanceOf(AxisStoppedError);
    await agree({ within: step });
    const gap = axes().s1hg.position;
    expect(gap).toBeLessThan(18);
    await there("s1hg.move(0, wait=False)");
    await eventually(() => expect(axes().s1hg.position).toBeLessThan(gap));
    await axes().s1hg.stop();
    await agree({ within: step });
    expect(axes().s1hg.position).toBeGreaterThan(-1);
  });

  it("refuse the same moves: beyond limits of the blades, and beyond their own", async () => {
    const refused = async (axis: Axis, position: number, because: string | RegExp): Promise<void> => {
      await expect(axis.move(position)).rejects.toThrow(AxisLimitError);
      await expect(axis.move(position)).rejects.toThrow(because);
      await expect(there(`${axis.name}.move(${position})`)).rejects.toThrow(/would exceed (low|high) limit/);
      await expect(beamline.ours.commands.ascan(axis, 0, position, 5, 0.01, axes().diode2)).rejects.toThrow(because);
      await expect(there(`ascan(${axis.name}, 0, ${position}, 5, 0.01, diode2)`)).rejects.toThrow(/would exceed/);
    };
    await refused(axes().s1hg, 21, "s1f cannot go to 10.5 mm");
    await axes().s1hg.move(4);
    await agree();
    await refused(axes().s1ho, 9, "s1f cannot go to 11 mm");
    await there("s1b.limits = -2, 10");
    await eventually(() => expect(axes().s1b.limits).toEqual([-2, 10]));
    await refused(axes().s1ho, 5, "s1b cannot go to -3 mm");
    await there("s1hg.limits = 0, 12");
    await eventually(() => expect(axes().s1hg.limits).toEqual([0, 12]));
    await refused(axes().s1hg, 13, /s1hg cannot go to 13 mm|limits of s1hg/);
    axes().s1hg.limits = [1, 15];
    await beamline.seenThere("list(s1hg.limits)", [1, 15]);
    await refused(axes().s1hg, 0.5, /s1hg cannot go to 0.5 mm|limits of s1hg/);
    await axes().s1hg.move(13);
    await agree();
    await there("s1hg.move(2)");
    await agree();
    axes().s1hg.limits = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    axes().s1b.limits = [-10, 10];
  });

  it("count anew together: the blades have other offsets then", async () => {
    await axes().s1hg.move(4);
    await agree();
    await there("s1hg.position = 1");
    await agree();
    expect(positions()).toEqual([0.5, 0.5, 1, 0]);
    expect(axes().s1f.dial).toBe(2);
    await axes().s1hg.setDial(6);
    await agree();
    expect(positions()).toEqual([3, 3, 6, 0]);
    axes().s1hg.position = 2;
    await agree();
    expect(positions()).toEqual([1, 1, 2, 0]);
    axes().s1ho.position = 0.5;
    await agree();
    expect(positions()).toEqual([1.5, 0.5, 2, 0.5]);
    await there("s1ho.position = 0");
    await agree();
    expect(positions()).toEqual([1, 1, 2, 0]);
    expect([axes().s1hg.offset, axes().s1ho.offset]).toEqual([0, 0]);
    // BLISS moves to where the blades are counted to be
    await there("s1hg.move(3)");
    await agree();
    expect(positions()).toEqual([1.5, 1.5, 3, 0]);
    await restartTheirs();
    await there("s1f.dial = 0");
    await there("s1f.position = 0");
    await agree();
    await axes().s1b.setDial(0);
    axes().s1b.position = 0;
    await agree();
    expect(positions()).toEqual([0, 0, 0, 0]);
  });
});

describe.skipIf(bliss() === undefined)("an axis with an encoder in BLISS and here", () => {
  it("is measured alike after moves of either", async () => {
    await using beamline = await openMotionBeamline();
    const { measured, enc } = beamline.ours.env;
    const measures = "[measured.position, measured.measured_position, measured.dial_measured_position, enc.read()]";
    const agree = async (position: number): Promise<void> => {
      await measured.saved();
      await beamline.seenThere(measures, new Array(4).fill(position));
      await eventually(() => expect(measured.position).toBe(position));
      expect(await measured.measuredPosition()).toBeCloseTo(position, 9);
      expect(await enc.read()).toBeCloseTo(position, 9);
    };
    await measured.move(2);
    await agree(2);
    await beamline.theirs.run("measured.move(-3)");
    await agree(-3);
    // on the dial, whatever the user's positions are
    await beamline.theirs.run("measured.position = 10");
    await eventually(() => expect(measured.position).toBe(10));
    await beamline.seenThere(measures, [10, 10, -3, -3]);
    expect(await measured.measuredPosition()).toBe(10);
    expect(await enc.read()).toBe(-3);
  });
});

/** Compares lists of lists, numbers with a tolerance. */
function expectNear(found: unknown, expected: unknown, within: number): void {
  if (Array.isArray(found) && Array.isArray(expected)) {
    expect(found).toHaveLength(expected.length);
    for (const [index, item] of found.entries()) expectNear(item, expected[index], within);
  } else if (typeof found === "number" && typeof expected === "number") {
    expect(Math.abs(found - expected)).toBeLessThan(within);
  } else expect(found).toEqual(expected);
}
