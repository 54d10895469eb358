import type { MotorCall, SimulatedMotorController } from "@beamtime/controller-simulation";
import {
  type Axis,
  AxisDisabledError,
  AxisStopError,
  AxisTimeoutError,
  type Encoder,
  moveTogether,
} from "@beamtime/motion";
import { describe, expect, it } from "vitest";
import { answerTime, errorOf, twoControllers } from "./two-controllers.js";

type Beamline = Awaited<ReturnType<typeof twoControllers>>;

/** What is wrong with one kind of call of the controller of `a` and `a2`. */
const faults = ["does not answer", "throws"] as const;
type Fault = (typeof faults)[number];

const broken = new Error("line cut");

/** Breaks a call; returns the way back. */
function breakCall(controller: SimulatedMotorController, call: MotorCall, fault: Fault): () => void {
  if (fault === "does not answer") return controller.hang(call);
  controller.failNext(call, broken);
  return () => {};
}

function expectFault(error: unknown, fault: Fault, call: MotorCall, axis = /^a2?$/): void {
  if (fault === "throws") {
    expect(error).toBe(broken);
    return;
  }
  expect(error).toBeInstanceOf(AxisTimeoutError);
  expect(error).toMatchObject({
    axis: expect.stringMatching(axis),
    message: expect.stringMatching(
      `the controller left of \\w+ did not answer ${call} within ${answerTime} s: see that it is on and connected`,
    ),
  });
}

/** All axes stand, where they say. */
async function expectRest({ clock, a, a2, b, left, right }: Beamline): Promise<void> {
  await clock.advance(100);
  expect([a, a2, b].map(({ isMoving }) => isMoving)).toEqual([false, false, false]);
  const steps = [await left.readPosition("a"), await left.readPosition("a2"), await right.readPosition("b")];
  expect([a, a2, b].map(({ position }) => position)).toEqual(steps.map((count) => count / 1000));
}

async function expectMoves({ clock, a, a2, b }: Beamline): Promise<void> {
  const axes = [a, a2, b];
  await clock.run(moveTogether(axes.map((axis) => [axis, -1])));
  for (const { position } of axes) expect(position).toBeCloseTo(-1, 9);
  expect(clock.sleepers).toBe(0);
}

const together = ({ a, a2, b }: Beamline): Promise<void> =>
  moveTogether([
    [a, 5],
    [a2, 5],
    [b, 5],
  ]);

describe.each(faults)("a controller that %s", (fault) => {
  /** Seconds that one call costs. */
  const cost = fault === "throws" ? 0 : answerTime;

  it.each(["readPosition", "readState", "setVelocity", "setAcceleration", "startMove"] as const)(
    "in %s before anything moves: no axis of the group stays moving, and all can be used when it answers",
    async (call) => {
      const its = await twoControllers();
      const { clock, left, a } = its;
      a.velocity = 2;
      a.acceleration = 20;
      if (call === "readState") await errorOf(left.powerOff("a2").then(() => clock.run(its.a2.readState())));
      const answerAgain = breakCall(left, call, fault);
      const begin = clock.now();
      expectFault(await clock.run(errorOf(together(its))), fault, call);
      expect(clock.now() - begin).toBeLessThanOrEqual(cost + 0.2); // and the time that `b` needs to stop
      answerAgain();
      await expectRest(its);
      await left.powerOn("a2");
      await expectMoves(its);
    },
  );

  it.each(["readPosition", "readState"] as const)("in %s in flight: all are stopped", async (call) => {
    const its = await twoControllers();
    const { clock, left, a, a2, b } = its;
    const moving = errorOf(together(its));
    await clock.advance(1);
    const answerAgain = breakCall(left, call, fault);
    const error = await clock.run(moving);
    expect(clock.now()).toBeLessThanOrEqual(1 + 0.02 + 2 * cost + 0.1);
    expect(b.state.has("READY")).toBe(true);
    answerAgain();
    if (fault === "throws") expect(error).toBe(broken);
    else {
      expect(error).toBeInstanceOf(AxisStopError);
      expect(String(error)).toMatch(/a, a2 may still move, as stopping failed, too: .*syncHard\(\)/);
      expectFault((error as Error).cause, fault, call);
      expect(a.target).toBe(a.position);
      await clock.run(Promise.all([a.syncHard(), a2.syncHard()]));
    }
    await expectRest(its);
    expect(b.position).toBeCloseTo(1 - 0.05 + 0.02 + cost + 0.05, 1);
    await expectMoves(its);
  });

  it.each([
    ["one axis", ({ a }: Beamline) => a.stop()],
    ["another one of the same move", ({ a2 }: Beamline) => a2.stop()],
  ])(
    "in stop of %s: the move fails, what can be stopped is stopped, and the others can be stopped again",
    async (_of, stop) => {
      const its = await twoControllers();
      const { clock, left, a, a2, b } = its;
      const moving = errorOf(together(its));
      await clock.advance(1);
      const answerAgain = breakCall(left, "stop", fault);
      const refused = errorOf(stop(its));
      expectFault(await clock.run(refused), fault, "stop");
      const error = await clock.run(moving);
      expect(clock.now()).toBeLessThanOrEqual(1 + 0.02 + 2 * cost + 0.1);
      expect(b.state.has("READY")).toBe(true);
      if (fault === "throws") {
        expect(error).toBe(broken); // the second time they could be stopped
      } else {
        expect(error).toBeInstanceOf(AxisStopError);
        expect(String(error)).toMatch(
          /a, a2 may still move, .* did not answer stop within 0.5 s.*; then stop\(\) again/,
        );
        expect([a.isMoving, a.isMovedHere]).toEqual([true, false]);
        const again = a.move(0);
        await expect(again).rejects.toThrow("a is moved by somebody else: wait for the end of its move");
        answerAgain();
        await clock.run(Promise.all([a.stop(), a2.stop()]));
        expect(a.position).toBeLessThan(5);
      }
      await expectRest(its);
      await expectMoves(its);
    },
  );

  it("in stop when a move is aborted: the abort is the cause, the others are stopped", async () => {
    const its = await twoControllers();
    const { clock, left, right, a, a2, b } = its;
    const user = new AbortController();
    const pairs = [a, a2, b].map((axis) => [axis, 5] as const);
    const moving = errorOf(moveTogether(pairs, { signal: user.signal }));
    await clock.advance(1);
    const answerAgain = breakCall(left, "stop", fault);
    const reason = new Error("Ctrl-C");
    user.abort(reason);
    const error = await clock.run(moving);
    expect(error).toBeInstanceOf(AxisStopError);
    expect(error).toMatchObject({ axis: "a", cause: reason });
    expectFault((error as AxisStopError).failures[0], fault, "stop");
    expect(b.position).toBe((await right.readPosition("b")) / 1000);
    expect(b.position).toBeCloseTo(1, 9);
    answerAgain();
    await clock.run(Promise.all([a.stop(), a2.stop()]));
    await expectRest(its);
    await expectMoves(its);
  });

  it("in stop of a jog: nobody waits for an end that may never come", async () => {
    const its = await twoControllers();
    const { clock, left, a } = its;
    await clock.run(a.jog(0.5));
    await clock.advance(1);
    const answerAgain = breakCall(left, "stop", fault);
    const refused = errorOf(a.stop());
    expectFault(await clock.run(refused), fault, "stop");
    const error = await clock.run(errorOf(a.waitMove()));
    if (fault === "throws") expect(error).toBe(broken);
    else expect(error).toBeInstanceOf(AxisStopError);
    answerAgain();
    await clock.run(a.stop());
    await expectRest(its);
    await expectMoves(its);
  });

  const starts: readonly (readonly [MotorCall, (axis: Axis) => Promise<void>])[] = [
    ["startJog", (axis) => axis.jog(1)],
    ["startHomeSearch", (axis) => axis.home()],
    ["startLimitSearch", (axis) => axis.hwLimit(1)],
  ];
  it.each(starts)("in %s: nothing moves, and it can be tried again", async (call, start) => {
    const its = await twoControllers();
    const { clock, left, a } = its;
    const answerAgain = breakCall(left, call, fault);
    expectFault(await clock.run(errorOf(start(a))), fault, call);
    expect(clock.now()).toBeCloseTo(cost, 9);
    answerAgain();
    await expectRest(its);
    await clock.run(start(a));
    await clock.run(a.stop());
    await expectMoves(its);
  });

  const requests: readonly (readonly [MotorCall, (axis: Axis, encoder: Encoder) => Promise<unknown>])[] = [
    ["setPosition", (axis) => axis.setDial(3)],
    ["setVelocity", (axis) => axis.setVelocity(2)],
    ["setAcceleration", (axis) => axis.setAcceleration(20)],
    ["powerOn", (axis) => axis.on()],
    ["powerOff", (axis) => axis.off()],
    ["readEncoder", (axis) => axis.measuredPosition()],
    ["setEncoder", (_axis, encoder) => encoder.set(0)],
    ["readState", (axis) => axis.readState()],
    ["readPosition", (axis) => axis.readPosition()],
    ["forget", (axis) => axis.syncHard()],
  ];
  it.each(requests)("in %s at rest: it is told so in time, and can be asked again", async (call, request) => {
    const its = await twoControllers();
    const { clock, left, a, encoder } = its;
    await clock.run(a.move(1));
    const begin = clock.now();
    const answerAgain = breakCall(left, call, fault);
    expectFault(await clock.run(errorOf(request(a, encoder))), fault, call);
    expect(clock.now() - begin).toBeCloseTo(cost, 9);
    expect(a).toMatchObject({ position: 1, dial: 1, offset: 0, target: 1 });
    answerAgain();
    await expectRest(its);
    await clock.run(request(a, encoder));
    await clock.run(a.on());
    await expectMoves(its);
  });

  it.each(["initializeAxis", "setVelocity", "setAcceleration", "readState", "readPosition"] as const)(
    "in %s at the start: the axis is disabled, says why, and is revived by enable()",
    async (call) => {
      const its = await twoControllers();
      await expectRevival(its, { velocity: 1, acceleration: 10 }, call);
    },
  );

  it.each(["readVelocity", "readAcceleration"] as const)(
    "in %s, where the configuration leaves it to the controller: the same",
    async (call) => {
      const its = await twoControllers();
      await expectRevival(its, {}, call);
    },
  );

  async function expectRevival(
    { clock, left, another }: Beamline,
    dynamics: { velocity?: number; acceleration?: number },
    call: MotorCall,
  ): Promise<void> {
    const axis = another(dynamics);
    const answerAgain = breakCall(left, call, fault);
    const begin = clock.now();
    const [first, second] = await clock.run(Promise.all([errorOf(axis.move(1)), errorOf(axis.readPosition())]));
    expectFault(first, fault, call, /^late$/);
    expect(second).toBe(first);
    expect(clock.now() - begin).toBeCloseTo(cost, 9);
    expect(axis).toMatchObject({ disabled: true, isInitialized: false, isMoving: false });
    expect(axis.state.toString()).toMatch(/^DISABLED \(its controller failed: /);
    const refusal = await errorOf(axis.move(1));
    expect(refusal).toBeInstanceOf(AxisDisabledError);
    expect(refusal).toMatchObject({ cause: first, message: expect.stringContaining("call enable() of the axis") });
    answerAgain();
    await axis.enable();
    await clock.run(axis.move(1));
    expect(axis).toMatchObject({ disabled: false, position: 1 });
    expect(clock.sleepers).toBe(0);
  }
});

describe("what is begun once for several", () => {
  it("is begun anew for the others when the first one aborts", async () => {
    const { clock, left, another } = await twoControllers();
    const axis = another({});
    const answerAgain = left.hang("initializeAxis");
    const user = new AbortController();
    const first = errorOf(axis.readPosition({ signal: user.signal }));
    const second = errorOf(axis.readPosition());
    await clock.advance(0.1);
    answerAgain();
    left.hang("initializeAxis");
    user.abort(new Error("enough"));
    expect(String(await first)).toBe("Error: enough");
    expect(await clock.run(second)).toBeInstanceOf(AxisTimeoutError);
  });
});
