import { SimulatedMotorController, simulatedAxis } from "@beamtime/controller-simulation";
import {
  Axis,
  AxisFaultError,
  AxisGroup,
  AxisLimitError,
  AxisMovingError,
  AxisStoppedError,
  CalcController,
  type CalcPositions,
  capabilitiesOf,
  checkTrajectory,
  eachPoint,
  type MotionHook,
  moveTogether,
} from "@beamtime/motion";
import { beforeEach, describe, expect, it } from "vitest";
import { outcomeOf, type VirtualSlits, virtualSlits } from "./virtual-slits.js";

/** What slits calculate, with an offset of its own. */
class Sums extends CalcController<"front" | "back"> {
  calcFromReal(reals: CalcPositions<"front" | "back">): CalcPositions {
    return eachPoint(reals, ({ front, back }) => ({ sum: front + back }));
  }

  calcToReal(pseudos: CalcPositions): CalcPositions<"front" | "back"> {
    return eachPoint(pseudos, ({ sum = Number.NaN }) => ({ front: sum / 2, back: sum / 2 }));
  }
}

let its: VirtualSlits;
beforeEach(async () => {
  its = await virtualSlits();
});

const positions = ({ front, back, hg, ho }: VirtualSlits): number[] =>
  [front, back, hg, ho].map(({ position }) => Math.round(position * 1e6) / 1e6);

describe("a calculated axis", () => {
  it("moves its real axes, and the other calculated axes stay", async () => {
    const { clock, hg, ho } = its;
    await clock.run(ho.move(1));
    await clock.run(hg.move(4));
    expect(positions(its)).toEqual([3, 1, 4, 1]);
    await clock.run(hg.rmove(-1));
    expect(positions(its)).toEqual([2.5, 0.5, 3, 1]);
    expect([hg.target, ho.target]).toEqual([3, 1]);
  });

  it("follows its real axes when these move on their own", async () => {
    const { clock, front, hg, ho } = its;
    const gaps: number[] = [];
    const states: string[] = [];
    hg.onPosition((position) => gaps.push(position));
    hg.onState((state) => states.push([...state.flags.keys()].join("|")));
    await clock.run(front.move(2));
    expect(positions(its)).toEqual([2, 0, 2, 1]);
    expect(hg.target).toBe(2);
    expect(gaps.length).toBeGreaterThan(5);
    expect(gaps).toEqual([...gaps].sort((a, b) => a - b));
    expect(states).toEqual(["MOVING", "READY"]);
    expect(ho.state.has("READY")).toBe(true);
  });

  it("tells the others of its controller that they move, and that they stand", async () => {
    const { clock, hg, ho } = its;
    const states: string[] = [];
    ho.onState((state) => states.push([...state.flags.keys()].join("|")));
    await clock.run(hg.move(1));
    expect(states).toEqual(["MOVING", "READY"]);
  });

  it("moves together with others of its controller", async () => {
    const { clock, hg, ho } = its;
    await clock.run(
      moveTogether([
        [hg, 2],
        [ho, -1],
      ]),
    );
    expect(positions(its)).toEqual([0, 2, 2, -1]);
  });

  it("counts user positions of the real axes and dial positions of its own, as BLISS", async () => {
    its = await virtualSlits({ sign: -1, offset: 5 });
    const { clock, front, back, hg } = its;
    expect([front.position, hg.dial]).toEqual([5, 10]);
    const sums = new Sums({ name: "sums", reals: { front, back } });
    const sum = new Axis({ name: "sum", controller: sums, clock });
    await clock.run(sum.initialize());
    sum.offset = 100;
    await clock.run(sum.move(104));
    expect([sum.dial, hg.position, front.position, front.dial]).toEqual([4, 4, 2, 3]);
  });

  it("gives its real axes other offsets when its dial is set", async () => {
    const { clock, front, back } = its;
    const sum = new Axis({ name: "sum", controller: new Sums({ name: "sums", reals: { front, back } }), clock });
    await clock.run(sum.move(4));
    await clock.run(sum.setDial(0));
    expect([front.position, front.dial, back.position, sum.dial, sum.position]).toEqual([0, 2, 0, 0, 4]);
  });

  it("has no velocity, so that continuous scans step", () => {
    expect(capabilitiesOf(its.slits)).toMatchObject({ velocity: false, acceleration: false, jog: false });
  });

  it("moves no real axis that stays where it is", async () => {
    const { clock, back, hg, ho } = its;
    await clock.run(
      moveTogether([
        [hg, 1],
        [ho, 0.5],
      ]),
    );
    const states: string[] = [];
    back.onState((state) => states.push(state.toString()));
    await clock.run(
      moveTogether([
        [hg, 2],
        [ho, 1],
      ]),
    );
    expect(positions(its)).toEqual([2, 0, 2, 1]);
    expect(states).toEqual([]);
  });

  it("does not ask hardware that a move asks already", async () => {
    const { clock, hg, front, motors } = its;
    const move = hg.move(10);
    await clock.advance(0.5);
    const seen = front.position;
    motors.failNext("readPosition", new Error("asked"));
    expect(await clock.run(hg.readPosition())).toBe(seen + its.back.position);
    await expect(clock.run(move)).rejects.toThrow("asked");
  });

  it("takes up the backlash of its real axes", async () => {
    its = await virtualSlits({ backlash: 1 });
    const { clock, front, hg } = its;
    const seen: number[] = [];
    front.onPosition((position) => seen.push(position));
    await clock.run(hg.move(-4));
    expect(Math.min(...seen)).toBe(-3);
    expect(positions(its)).toEqual([-2, -2, -4, 0]);
  });

  it("calls the hooks of its real axes, however long they take", async () => {
    const calls: string[] = [];
    const hook: MotionHook = {
      name: "air",
      preMove: async (moves, { signal }) => {
        await its.clock.sleep(3, { signal });
        calls.push(`pre ${moves.map(({ axis, to }) => `${axis.name} ${to}`).join()}`);
      },
      postMove: () => void calls.push("post"),
    };
    its = await virtualSlits({ motionHooks: [hook] });
    const { clock, hg } = its;
    await clock.run(hg.move(2));
    expect(calls).toEqual(["pre front 1", "post"]);
    expect(positions(its)).toEqual([1, 1, 2, 0]);
  });

  it("is refused by a hook of a real axis", async () => {
    const hook: MotionHook = { name: "door", preMove: () => Promise.reject(new Error("the door is open")) };
    its = await virtualSlits({ motionHooks: [hook] });
    await expect(its.clock.run(its.hg.move(2))).rejects.toThrow("the door is open");
    expect(positions(its)).toEqual([0, 0, 0, 0]);
    expect(its.hg.state.has("READY")).toBe(true);
  });
});

describe("limits", () => {
  it("of real axes are checked before anything moves, and tell what leads there", async () => {
    const { clock, hg, ho } = its;
    await clock.run(ho.move(1));
    const failure = await clock.run(outcomeOf(hg.move(20)));
    expect(failure).toBeInstanceOf(AxisLimitError);
    expect(failure).toMatchObject({ axis: "front", position: 11, limits: [-10, 10] });
    expect(String(failure)).toContain(
      "front cannot go to 11 mm, where dial 20 of hg leads it: expected a position from -10 to 10 mm, its limits",
    );
    expect(positions(its)).toEqual([1, -1, 0, 1]);
  });

  it("of the axis itself hold too", async () => {
    its.hg.dialLimits = [0, 5];
    const failure = await its.clock.run(outcomeOf(its.hg.move(6)));
    expect(failure).toMatchObject({ code: "AXIS_LIMIT", axis: "hg", position: 6, limits: [0, 5] });
  });

  it("are checked for whole trajectories of several axes", () => {
    const { hg, ho } = its;
    const check = (gaps: number[], offsets: number[]) => () =>
      checkTrajectory([
        [hg, gaps],
        [ho, offsets],
      ]);
    expect(check([18, 0], [0, 9])).not.toThrow();
    expect(check([0, 18, 18], [0, 0, 9])).toThrow(
      "front cannot go to 18 mm, where dial 18 of hg, dial 9 of ho leads it",
    );
  });
});

describe("what goes wrong in a real axis", () => {
  it("a fault ends the move, stops the others, and is told once", async () => {
    const { clock, motors, front, back, hg } = its;
    const outcome = outcomeOf(hg.move(20));
    await clock.advance(0.5);
    motors.breakDown("front", "drive overheated");
    const failure = await clock.run(outcome);
    expect(failure).toBeInstanceOf(AxisFaultError);
    expect(failure).toMatchObject({
      axis: "front",
      message: "front is in fault: drive overheated: mend that, and move it again",
    });
    expect([front.isMoving, back.isMoving, hg.isMoving]).toEqual([false, false, false]);
    expect(back.position).toBeLessThan(9);
    expect(hg.position).toBeCloseTo(front.position + back.position, 9);
    motors.repair("front");
    const offset = its.ho.position;
    await clock.run(hg.move(0));
    expect(hg.position).toBe(0);
    expect(its.ho.position).toBeCloseTo(offset, 9);
  });

  it("somebody's stop of one real axis ends the move", async () => {
    const { clock, front, back, hg } = its;
    const outcome = outcomeOf(hg.move(20));
    await clock.advance(0.5);
    await clock.run(front.stop());
    const failure = await clock.run(outcome);
    expect(failure).toBeInstanceOf(AxisStoppedError);
    expect(failure).toMatchObject({ axis: "front", target: 10 });
    expect(back.position).toBeLessThan(9);
    expect([hg.isMoving, hg.target]).toEqual([false, hg.position]);
  });

  it("a controller that does not answer is told by the name of the real axis", async () => {
    const { clock, motors, hg } = its;
    const outcome = outcomeOf(hg.move(20));
    await clock.advance(0.5);
    const answer = motors.hang("readPosition");
    const failing = clock.run(outcome);
    await clock.advance(6);
    answer();
    expect(await failing).toMatchObject({ code: "AXIS_TIMEOUT", axis: expect.stringMatching(/front|back/) });
  });

  it("one that is moving already keeps the axis from moving", async () => {
    const { clock, front, hg } = its;
    const move = front.move(5);
    await clock.advance(0.1);
    expect(await clock.run(outcomeOf(hg.move(1)))).toBeInstanceOf(AxisMovingError);
    await clock.run(move);
    expect(front.position).toBe(5);
  });

  it("one that is disabled keeps the axis from moving", async () => {
    const { clock, front, back, hg } = its;
    front.disable("under repair");
    expect(hg.state.has("DISABLED")).toBe(true);
    const failure = await clock.run(outcomeOf(hg.move(1)));
    expect(failure).toMatchObject({ code: "AXIS_DISABLED", axis: "front" });
    expect(back.position).toBe(0);
    await clock.run(front.enable());
    await clock.run(hg.move(1));
  });

  it("one that does not start: nothing has moved", async () => {
    const { clock, motors, hg } = its;
    motors.failNext("startMove", new Error("no power"));
    await expect(clock.run(hg.move(1))).rejects.toThrow("no power");
    expect(positions(its)).toEqual([0, 0, 0, 0]);
    await clock.run(hg.move(1));
    expect(positions(its)).toEqual([0.5, 0.5, 1, 0]);
  });
});

describe("an end before arrival", () => {
  it.each([0.01, 0.5, 0.9])("stop after %s s stops the real axes", async (seconds) => {
    const { clock, front, back, hg } = its;
    const outcome = outcomeOf(hg.move(20));
    await clock.advance(seconds);
    await clock.run(hg.stop());
    const failure = await clock.run(outcome);
    expect(failure).toBeInstanceOf(AxisStoppedError);
    expect(failure).toMatchObject({ axis: "hg", target: 20, position: hg.position });
    expect([front.isMoving, back.isMoving, hg.isMoving]).toEqual([false, false, false]);
    expect(hg.position).toBeLessThan(20);
    expect(hg.target).toBe(hg.position);
    expect(hg.position).toBeCloseTo(front.position + back.position, 9);
  });

  it("an abort ends also what waits for a hook of a real axis, and nothing moves afterwards", async () => {
    const hook: MotionHook = { name: "air", preMove: () => its.clock.sleep(1) };
    its = await virtualSlits({ motionHooks: [hook] });
    const { clock, hg } = its;
    const abort = new AbortController();
    const outcome = outcomeOf(hg.move(20, { signal: abort.signal }));
    await clock.advance(0.5);
    abort.abort(new Error("enough"));
    expect(await clock.run(outcome)).toMatchObject({ message: "enough" });
    await clock.advance(10);
    expect(positions(its)).toEqual([0, 0, 0, 0]);
    expect([hg.isMoving, its.front.isMoving]).toEqual([false, false]);
  });

  it("stop ends also what waits for a hook of a real axis", async () => {
    const hook: MotionHook = { name: "air", preMove: (_moves, { signal }) => its.clock.sleep(60, { signal }) };
    its = await virtualSlits({ motionHooks: [hook] });
    const { clock, hg } = its;
    const outcome = outcomeOf(hg.move(20));
    await clock.advance(1);
    await clock.run(hg.stop());
    expect(await clock.run(outcome)).toBeInstanceOf(AxisStoppedError);
    expect(clock.now()).toBeLessThan(10);
    expect(positions(its)).toEqual([0, 0, 0, 0]);
  });

  it("stop of the calculated axis stops real axes that somebody else moves", async () => {
    const { clock, front, hg } = its;
    const outcome = outcomeOf(front.move(10));
    await clock.advance(0.5);
    await clock.run(hg.stop());
    expect(await clock.run(outcome)).toBeInstanceOf(AxisStoppedError);
    expect([hg.isMoving, hg.position]).toEqual([false, front.position]);
  });

  it("an abort stops the real axes, with the signal's reason", async () => {
    const { clock, front, back, hg } = its;
    const abort = new AbortController();
    const outcome = outcomeOf(hg.move(20, { signal: abort.signal }));
    await clock.advance(0.5);
    abort.abort(new Error("enough"));
    expect(await clock.run(outcome)).toMatchObject({ message: "enough" });
    expect([front.isMoving, back.isMoving, hg.isMoving]).toEqual([false, false, false]);
    expect(hg.position).toBeLessThan(20);
    expect(hg.target).toBe(hg.position);
  });

  it("a group stops as a whole", async () => {
    const { clock, hg, ho } = its;
    const other = simulatedAxis({ name: "other", clock });
    const group = new AxisGroup([hg, ho, other]);
    const outcome = outcomeOf(group.move({ hg: 10, ho: 3, other: 20 }));
    await clock.advance(0.5);
    await clock.run(group.stop());
    expect(await clock.run(outcome)).toBeInstanceOf(AxisStoppedError);
    expect([group.isMoving, its.front.isMoving]).toEqual([false, false]);
  });

  it("a fault of another axis of the group stops the real axes", async () => {
    const { clock, hg, front } = its;
    const motors = new SimulatedMotorController({ clock });
    const other = simulatedAxis({ name: "other", controller: motors, clock });
    const outcome = outcomeOf(
      moveTogether([
        [hg, 20],
        [other, 20],
      ]),
    );
    await clock.advance(0.5);
    motors.breakDown("other", "smoke");
    expect(await clock.run(outcome)).toMatchObject({ axis: "other" });
    expect([hg.isMoving, front.isMoving]).toEqual([false, false]);
    expect(front.position).toBeLessThan(9);
  });
});
