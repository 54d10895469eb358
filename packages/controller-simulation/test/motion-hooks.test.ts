import { simulatedAxis } from "@beamtime/controller-simulation";
import { AcquisitionChain, Scan, ScanAbort, SoftwareTimerMaster } from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import {
  type Axis,
  AxisFailuresError,
  AxisFaultError,
  AxisGroup,
  AxisLimitError,
  AxisStoppedError,
  LinearStepTriggerMaster,
  type MotionHook,
  MotionHookError,
  MotionHooksPreset,
  type PlannedMove,
} from "@beamtime/motion";
import { beforeEach, describe, expect, it } from "vitest";
import { errorOf, twoControllers } from "./two-controllers.js";

const reason = new Error("Ctrl-C");

/** What hooks were told, in order. */
let calls: string[];
beforeEach(() => {
  calls = [];
});

const movesText = (moves: readonly PlannedMove[]): string =>
  moves.map(({ axis, from, to }) => `${axis.name} ${from} > ${to}`).join(", ");

/** Notes its calls. */
function noting(name: string, others: Partial<MotionHook> = {}): MotionHook {
  return {
    name,
    preMove: (moves) => void calls.push(`${name}: pre ${movesText(moves)}`),
    postMove: (moves) => void calls.push(`${name}: post ${movesText(moves)}`),
    preScan: (axes) => void calls.push(`${name}: preScan ${axes.map((axis) => axis.name).join(", ")}`),
    postScan: (axes) => void calls.push(`${name}: postScan ${axes.map((axis) => axis.name).join(", ")}`),
    ...others,
  };
}

/** Axes `a` and `c` with hooks of their own and one in common, as one of their controller is; `b` without. */
async function hookedAxes(shared: MotionHook, ofA: readonly MotionHook[] = [], ofC: readonly MotionHook[] = []) {
  const its = await twoControllers({ motionHooks: [shared, ...ofA] });
  const { clock, left } = its;
  const usual = { unit: "mm", stepsPerUnit: 1000, velocity: 1, acceleration: 10, lowLimit: -10, highLimit: 10, clock };
  const c = simulatedAxis({ ...usual, name: "c", controller: left, motionHooks: [shared, ...ofC] });
  await c.initialize();
  return { ...its, c };
}

describe("motion hooks", () => {
  it("are called once per motion with all moves of their axes, those of the group first, and afterwards the last first", async () => {
    const { clock, a, b, c } = await hookedAxes(noting("shared"), [noting("ofA")], [noting("ofC")]);
    const group = new AxisGroup([a, b, c], { motionHooks: [noting("group")] });
    await clock.run(c.move(1));
    expect(calls.splice(0)).toEqual([
      "shared: pre c 0 > 1",
      "ofC: pre c 0 > 1",
      "ofC: post c 0 > 1",
      "shared: post c 0 > 1",
    ]);
    await clock.run(group.move({ a: 2, b: 3, c: 4 }));
    const all = "a 0 > 2, b 0 > 3, c 1 > 4";
    const both = "a 0 > 2, c 1 > 4";
    expect(calls).toEqual([
      `group: pre ${all}`,
      `shared: pre ${both}`,
      "ofA: pre a 0 > 2",
      "ofC: pre c 1 > 4",
      "ofC: post c 1 > 4",
      "ofA: post a 0 > 2",
      `shared: post ${both}`,
      `group: post ${all}`,
    ]);
  });

  it("run before anything moves and when all stand, one after the other", async () => {
    const seen: string[] = [];
    let look = (): void => {};
    const watching = (name: string): MotionHook => ({
      name,
      async preMove() {
        look();
        await its.clock.sleep(1);
        look();
      },
      async postMove() {
        look();
        await its.clock.sleep(1);
        look();
      },
    });
    const its = await hookedAxes(watching("shared"), [watching("ofA")]);
    const { clock, left, a, b } = its;
    const places = async (): Promise<string> => `${clock.now()} s: ${await left.readPosition("a")}`;
    look = () => void places().then((text) => seen.push(text));
    await clock.run(new AxisGroup([a, b]).move({ a: 0.4, b: 0.2 }));
    expect(seen).toEqual([
      ...["0 s: 0", "1 s: 0", "1 s: 0", "2 s: 0"],
      ...["2.5 s: 400", "3.5 s: 400", "3.5 s: 400", "4.5 s: 400"],
    ]);
    expect([a.isMoving, clock.now()]).toEqual([false, 4.5]);
  });

  it("hear of jogs and searches, of which nobody knows the end", async () => {
    const { clock, a } = await hookedAxes(noting("shared"));
    await clock.run(a.jog(0.5));
    await clock.advance(2);
    await clock.run(a.stop());
    await clock.run(a.home());
    expect(calls).toEqual([
      "shared: pre a 0 > NaN",
      "shared: post a 0 > NaN",
      expect.stringMatching(/^shared: pre a [\d.]+ > NaN$/),
      expect.stringMatching(/^shared: post a [\d.]+ > NaN$/),
    ]);
  });

  it("are not called for what is refused before", async () => {
    const { clock, a, b } = await hookedAxes(noting("shared"));
    expect(await clock.run(errorOf(a.move(11)))).toBeInstanceOf(AxisLimitError);
    expect(await clock.run(errorOf(a.move(Number.NaN)))).toBeInstanceOf(ArgumentError);
    expect(await clock.run(errorOf(new AxisGroup([a, b]).move({ a: 1, b: 11 })))).toBeInstanceOf(AxisLimitError);
    expect(calls).toEqual([]);
  });
});

describe("a motion hook that forbids a motion", () => {
  it("keeps all axes of it where they are; those that were called are called again, those after it never", async () => {
    const closed = new Error("the shutter is open: close it first");
    const forbids = noting("forbids", { preMove: () => Promise.reject(closed) });
    const { clock, left, right, a, b, c } = await hookedAxes(noting("shared"), [forbids], [noting("ofC")]);
    let starts = 0;
    for (const controller of [left, right]) {
      const startMove = controller.startMove.bind(controller);
      controller.startMove = (...args) => {
        starts += 1;
        return startMove(...args);
      };
    }
    const group = new AxisGroup([a, b, c]);
    expect(await clock.run(errorOf(group.move({ a: 2, b: 3, c: 4 })))).toBe(closed);
    expect(starts).toBe(0);
    expect(calls).toEqual(["shared: pre a 0 > 2, c 0 > 4", "forbids: post a 0 > 2", "shared: post a 0 > 2, c 0 > 4"]);
    expect([group.position, group.state.toString()]).toEqual([{ a: 0, b: 0, c: 0 }, "READY (Axis is READY)"]);
    await clock.run(group.move({ b: 1, c: 1 }));
    expect(group.position).toEqual({ a: 0, b: 1, c: 1 });
  });
});

describe("hooks of a motion that does not arrive", () => {
  const ends: readonly [
    string,
    (its: Awaited<ReturnType<typeof hookedAxes>>, user: AbortController) => unknown,
    unknown,
  ][] = [
    ["is aborted", (_its, user) => user.abort(reason), reason],
    ["is stopped", ({ a }) => a.stop().catch(() => {}), expect.any(AxisStoppedError)],
    ["fails", ({ left }) => left.breakDown("a", "drive overheated"), expect.any(AxisFaultError)],
  ];
  it.each(ends)("as it %s, are called when all stand", async (_how, end, outcome) => {
    const standing: boolean[] = [];
    const postMove = (moves: readonly PlannedMove[]): void => {
      standing.push(...moves.map(({ axis }) => !axis.state.has("MOVING")));
    };
    const its = await hookedAxes(noting("shared", { postMove }));
    const { clock, a, b, c } = its;
    const user = new AbortController();
    const moving = errorOf(new AxisGroup([a, b, c]).move({ a: 5, b: 5, c: 5 }, { signal: user.signal }));
    await clock.advance(1);
    end(its, user);
    expect(await clock.run(moving)).toEqual(outcome);
    expect(standing).toEqual([true, true]);
  });

  it("tell what fails in them beside what has failed before, and all of them are called", async () => {
    const jammed = new Error("the brake does not close");
    const { clock, left, a } = await hookedAxes(noting("shared"), [
      noting("brake", { postMove: () => Promise.reject(jammed) }),
      noting("air", { postMove: () => Promise.reject(new Error("no air")) }),
    ]);
    const moving = errorOf(a.move(5));
    await clock.advance(1);
    left.breakDown("a", "drive overheated");
    const error = await clock.run(moving);
    expect(error).toBeInstanceOf(AxisFailuresError);
    expect(error).toMatchObject({
      axis: "a",
      code: "AXIS_FAILURES",
      cause: expect.any(AxisFaultError),
      message: "a is in fault: drive overheated: mend that, and move it again (then: no air; the brake does not close)",
    });
    expect(calls.at(-1)).toBe("shared: post a 0 > 5");
    left.repair("a");
    const both = await clock.run(errorOf(a.move(0)));
    expect(both).toBeInstanceOf(AxisFailuresError);
    expect(both).toMatchObject({ message: "no air (then: the brake does not close)" });
    expect(a.position).toBeCloseTo(0, 9);
  });

  it("fail a motion that has arrived: the axis is where it was sent", async () => {
    const jammed = new Error("the brake does not close");
    const { clock, a } = await hookedAxes(noting("brake", { postMove: () => Promise.reject(jammed) }));
    expect(await clock.run(errorOf(a.move(1)))).toBe(jammed);
    expect([a.position, a.target, a.isMoving]).toEqual([1, 1, false]);
  });
});

describe("a motion hook that hangs", () => {
  const hangs = (): Promise<void> => new Promise(() => {});

  it("before a motion is told of Ctrl-C by its signal: nothing has moved", async () => {
    const air = noting("air", { preMove: (_moves, { signal }) => its.clock.sleep(1e6, { signal }) });
    const its = await hookedAxes(air);
    const { clock, a } = its;
    const user = new AbortController();
    const moving = errorOf(a.move(5, { signal: user.signal }));
    await clock.advance(60);
    expect([a.isMoving, a.position]).toEqual([true, 0]);
    user.abort(reason);
    expect(await moving).toBe(reason);
    expect([a.isMoving, a.position, clock.now(), clock.sleepers]).toEqual([false, 0, 60, 0]);
    expect(calls).toEqual(["air: post a 0 > 5"]);
  });
  it("before a motion, deaf to its signal, is left alone after Ctrl-C, and named", async () => {
    const { clock, a, b } = await hookedAxes(noting("air", { preMove: hangs }));
    const user = new AbortController();
    const moving = errorOf(new AxisGroup([b, a]).move({ a: 5, b: 5 }, { signal: user.signal }));
    await clock.advance(60);
    user.abort(reason);
    const error = await clock.run(moving);
    expect(error).toBeInstanceOf(MotionHookError);
    expect(error).toMatchObject({ code: "MOTION_HOOK", axis: "a", hook: "air", cause: reason });
    expect(String(error)).toBe(
      "MotionHookError: preMove of the motion hook air of a did not end within 10 s after the motion was to end, and was left alone: " +
        "see what it waits for, before a moves again",
    );
    expect([clock.now(), clock.sleepers, a.isMoving, b.isMoving, b.position]).toEqual([70, 0, false, false, 0]);
    expect(calls).toEqual(["air: post a 0 > 5"]);
    await clock.run(b.move(1));
  });

  it.each([
    ["the axis", (a: Axis) => a.stop()],
    ["a group", (a: Axis) => new AxisGroup([a]).stop()],
  ])("before a motion that nobody aborts is ended by a stop of %s", async (_what, stop) => {
    const air = noting("air", { preMove: (_moves, { signal }) => its.clock.sleep(1e6, { signal }) });
    const its = await hookedAxes(air);
    const { clock, a } = its;
    const moving = errorOf(a.move(5));
    await clock.advance(60);
    await clock.run(stop(a));
    const error = await moving;
    expect(error).toBeInstanceOf(AxisStoppedError);
    expect(String(error)).toBe("AxisStoppedError: a was stopped at 0 mm on its way to 5 mm");
    expect([clock.now(), a.isMoving, calls]).toEqual([60, false, ["air: post a 0 > 5"]]);
  });

  it("after a motion keeps the axis until Ctrl-C, and not much longer", async () => {
    const { clock, a } = await hookedAxes(noting("air", { postMove: hangs }));
    const user = new AbortController();
    const moving = errorOf(a.move(1, { signal: user.signal }));
    await clock.advance(60);
    expect([a.isMoving, a.position]).toEqual([true, 1]);
    user.abort(reason);
    expect(await clock.run(moving)).toMatchObject({ code: "MOTION_HOOK", hook: "air", cause: reason });
    expect([clock.now(), a.isMoving, a.position, a.target]).toEqual([70, false, 1, 1]);
  });

  it("after an aborted motion has its time to end", async () => {
    const slow = noting("air", { postMove: () => its.clock.sleep(9) });
    const its = await hookedAxes(slow);
    const { clock, a } = its;
    const user = new AbortController();
    const moving = errorOf(a.move(5, { signal: user.signal }));
    await clock.advance(1);
    user.abort(reason);
    expect(await clock.run(moving)).toBe(reason);
    expect(clock.now()).toBeCloseTo(10.1, 1);
  });
});

describe("motion hooks in a scan", () => {
  function scanOf(axes: readonly Axis[], clock: Awaited<ReturnType<typeof hookedAxes>>["clock"]): Scan {
    const chain = new AcquisitionChain();
    const master = new LinearStepTriggerMaster(
      2,
      axes.map((axis) => ({ axis, start: 0, stop: 1 })),
    );
    chain.add(master, new SoftwareTimerMaster(0.1, { npoints: 2 }));
    const scan = new Scan(chain, { clock });
    scan.addPreset(new MotionHooksPreset(chain));
    return scan;
  }

  it("are called once before and after it, and around each of its moves", async () => {
    const { clock, a, b, c } = await hookedAxes(noting("shared"), [noting("ofA")]);
    await clock.run(scanOf([a, b, c], clock).run());
    expect(calls).toEqual([
      "shared: preScan a, c",
      "ofA: preScan a",
      "shared: pre a 0 > 0, c 0 > 0",
      "ofA: pre a 0 > 0",
      "ofA: post a 0 > 0",
      "shared: post a 0 > 0, c 0 > 0",
      "shared: pre a 0 > 1, c 0 > 1",
      "ofA: pre a 0 > 1",
      "ofA: post a 0 > 1",
      "shared: post a 0 > 1, c 0 > 1",
      "ofA: postScan a",
      "shared: postScan a, c",
    ]);
  });

  it("forbid it by raising before: nothing moves, and those that were called are called afterwards", async () => {
    const closed = new Error("the hutch is open");
    const { clock, a, c } = await hookedAxes(
      noting("shared"),
      [noting("door", { preScan: () => Promise.reject(closed) })],
      [noting("ofC")],
    );
    const scan = scanOf([a, c], clock);
    expect(await clock.run(errorOf(scan.run()))).toBe(closed);
    expect(calls).toEqual(["shared: preScan a, c", "door: postScan a", "shared: postScan a, c"]);
    expect([scan.state, a.position, c.position]).toEqual(["KILLED", 0, 0]);
  });

  it("are called after a scan that fails, all of them, though one of them fails too", async () => {
    const jammed = new Error("the brake does not close");
    const brake = noting("brake", { postScan: () => Promise.reject(jammed) });
    const { clock, left, a } = await hookedAxes(noting("shared"), [brake]);
    const running = errorOf(scanOf([a], clock).run());
    await clock.advance(0.3);
    left.breakDown("a", "drive overheated");
    const error = await clock.run(running);
    expect(error).toMatchObject({ code: "SCAN_FAILED", errors: [expect.any(AxisFaultError), jammed] });
    expect(calls.at(-1)).toBe("shared: postScan a");
  });

  it("that hang before it end with Ctrl-C", async () => {
    const air = noting("air", { preScan: (_axes, { signal }) => its.clock.sleep(1e6, { signal }) });
    const its = await hookedAxes(air);
    const { clock, a } = its;
    const scan = scanOf([a], clock);
    const running = errorOf(scan.run());
    await clock.advance(60);
    scan.abort();
    expect(await clock.run(running)).toBeInstanceOf(ScanAbort);
    expect(calls).toEqual(["air: postScan a"]);
    expect(a.position).toBe(0);
  });
});
