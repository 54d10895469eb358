import type { Axis } from "@beamtime/motion";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, type MotionBeamline, openMotionBeamline } from "./motion-beamline.js";
import { bliss } from "./real-beacon.js";

const moving = "MOVING (Axis is MOVING)";
const ready = "READY (Axis is READY)";
const atHome = `${ready} | HOME (Home signal active)`;
const atHighLimit = `${ready} | LIMPOS (Hardware high limit active)`;
const atLowLimit = `${ready} | LIMNEG (Hardware low limit active)`;

describe.skipIf(bliss() === undefined)("the states of an axis", () => {
  let beamline: MotionBeamline;
  let switched: Axis;
  beforeAll(async () => {
    beamline = await openMotionBeamline();
    ({ switched } = beamline.ours.env);
  }, 120_000);
  afterAll(() => beamline?.[Symbol.asyncDispose]());

  const there = (code: string): Promise<unknown> => beamline.theirs.run(code);

  it("are told to BLISS, in its words, while it jogs here, goes home and runs into its switches", async () => {
    await beamline.seenThere("switched.position", 0); // BLISS cannot initialise an axis that moves
    await there("from bliss.common import event");
    await there("states, done = [], []");
    await there("def on_state(state): states.append(str(state))");
    await there("def on_done(is_done): done.append(is_done)");
    await there("event.connect(switched, 'state', on_state)");
    await there("event.connect(switched, 'move_done', on_done)");
    const told = async (...story: string[]): Promise<void> => {
      await beamline.seenThere("states", story);
      await beamline.seenThere("done", [false, true]);
      await beamline.seenThere("[switched.position, switched.dial]", [switched.position, switched.position]);
      expect(await there("str(switched.state)")).toBe(story.at(-1));
      await there("(states.clear(), done.clear())");
    };
    await switched.jog(2);
    await beamline.seenThere("switched.is_moving and switched.position > 0.2", true);
    await switched.stop();
    await told(moving, ready);
    await switched.home(-1);
    await told(moving, atHome);
    expect(switched.position).toBeCloseTo(-4, 3);
    await switched.hwLimit(1);
    await told(moving, atHighLimit);
    expect(await there("[switched.state.LIMPOS, switched.state.READY, switched.position]")).toEqual([true, true, 8]);
    await switched.move(0);
    await told(moving, ready);
    // from there: BLISS asks the process that jogs to stop
    await switched.jog(-2);
    await beamline.seenThere("switched.is_moving", true);
    await there("switched.stop()");
    await told(moving, ready);
    await switched.hwLimit(-1);
    await told(moving, atLowLimit);
    await switched.move(0);
  });

  it("are told to us in the words of BLISS, which are ours", async () => {
    const states: string[] = [];
    let ends = 0;
    switched.onState((state) => states.push(state.toString()));
    switched.onMoveDone(() => {
      ends += 1;
    });
    const told = async (...story: string[]): Promise<void> => {
      await eventually(() => expect([states, ends]).toEqual([story, 1]));
      await beamline.seenThere("switched.position", switched.position);
      states.length = 0;
      ends = 0;
    };
    await there("switched.controller.set_hw_limits(switched, -8, 8)");
    await there("switched.jog(2)");
    await eventually(() => expect(switched.position).toBeGreaterThan(0.2));
    expect(switched.isMoving).toBe(true);
    await switched.stop();
    await told(moving, ready);
    await there("switched.hw_limit(1)");
    await told(moving, atHighLimit);
    expect(switched.position).toBe(8);
    await there("switched.hw_limit(-1)");
    await told(moving, atLowLimit);
    // a home switch without a signal: the mockup of BLISS is at 0 then
    await there("switched.home()");
    await told(moving, ready);
    expect(switched.dial).toBe(0);
  });
});
