import { AxisFaultError, AxisGroup, AxisStoppedError, type MotionHook, type MotionOptions } from "@beamtime/motion";
import { describe, expect, it } from "vitest";
import { errorOf, twoControllers } from "./two-controllers.js";

/** Two axes of two controllers whose calls take 10 ms; `a` takes up its backlash, and a hook takes 50 ms before and after. */
async function slowBeamline() {
  const calls: string[] = [];
  const beamline = await twoControllers(
    {
      backlash: 0.2,
      motionHooks: [
        {
          name: "air",
          async preMove(_moves, { signal }) {
            calls.push("pre");
            await beamline.clock.sleep(0.05, { signal });
          },
          async postMove() {
            calls.push("post");
            await beamline.clock.sleep(0.05);
          },
        } satisfies MotionHook,
      ],
    },
    { latency: 0.01 },
  );
  return { ...beamline, calls };
}
type Beamline = Awaited<ReturnType<typeof slowBeamline>>;

const motions: Readonly<Record<string, (its: Beamline, options: MotionOptions) => Promise<void>>> = {
  "a move of a group with backlash": ({ a, b }, options) => new AxisGroup([a, b]).move({ a: -0.5, b: 1 }, options),
  "a move by a distance": ({ a }, options) => a.rmove(0.7, options),
  "a jog": async ({ a }, { signal }) => {
    await a.jog(0.5, { signal });
    await a.waitMove();
  },
  "a search of the home switch": ({ a }, options) => a.home(1, { ...options }),
  "a search of an end switch": ({ a }, options) => a.hwLimit(-1, options),
};

const reason = new Error("Ctrl-C");
const stops: Readonly<Record<string, (its: Beamline, user: AbortController) => Promise<unknown>>> = {
  "an abort": async (_its, user) => user.abort(reason),
  "stop of an axis": ({ a }) => a.stop(),
  "stop of the group": ({ a, b }) => new AxisGroup([a, b]).stop(),
};

/** When motions are stopped: in each of their phases, and between them. */
const times = Array.from({ length: 45 }, (_, i) => 0.005 + i * 0.029);

describe.each(Object.keys(motions))("%s", (motion) => {
  it.each(Object.keys(stops))("is ended by %s at any time, at rest at a position that is known", async (how) => {
    let stoppedEarly = 0;
    for (const time of times) {
      const its = await slowBeamline();
      const { clock, left, right, a, b, calls } = its;
      const user = new AbortController();
      let isOver = false;
      const moving = errorOf(motions[motion]?.(its, { signal: user.signal }) ?? Promise.reject(new Error("no motion")));
      const begin = clock.now();
      void moving.then(() => {
        isOver = true;
      });
      await clock.advance(time);
      const wasOver = isOver;
      await clock.run(stops[how]?.(its, user) ?? Promise.reject(new Error("no stop")));
      const error = await clock.run(moving);
      const place = `stopped after ${time} s`;
      expect(clock.now() - begin, place).toBeLessThan(time + 0.5);
      expect([a.isMoving, b.isMoving], place).toEqual([false, false]);
      expect([a.isMovedHere, clock.sleepers], place).toEqual([false, 0]);
      const positions = [a.position, b.position];
      await clock.advance(10);
      const steps = [await clock.run(left.readPosition("a")), await clock.run(right.readPosition("b"))];
      expect(positions, place).toEqual(steps.map((count) => count / 1000));
      expect(calls.filter((call) => call === "post").length, place).toBe(calls.filter((call) => call === "pre").length);
      if (wasOver) expect(error, place).toBeUndefined();
      else if (error === undefined) {
        // it was ended by its own last call, or it is a jog, which ends so
        if (motion !== "a jog") expect(a.position, place).toBe(a.target);
      } else {
        stoppedEarly += 1;
        if (how === "an abort") expect(error, place).toBe(reason);
        else expect(error, place).toBeInstanceOf(AxisStoppedError);
        expect(a.target, place).toBe(a.position);
      }
      await clock.run(a.move(0.1));
      expect(a.position, place).toBeCloseTo(0.1, 9);
    }
    expect(stoppedEarly).toBeGreaterThan(motion === "a jog" ? 1 : 20);
  });
});

describe("a stop that takes seconds", () => {
  it("is waited for by the move that was aborted", async () => {
    const { clock, left, a, b } = await twoControllers();
    left.slowStop(4);
    const user = new AbortController();
    const moving = errorOf(new AxisGroup([a, b]).move({ a: 9, b: 9 }, { signal: user.signal }));
    await clock.advance(1);
    user.abort(reason);
    await clock.advance(3.99);
    expect([a.state.has("MOVING"), b.state.has("MOVING")]).toEqual([true, false]);
    expect(await clock.run(moving)).toBe(reason);
    expect(clock.now()).toBeCloseTo(5, 1);
    expect(a.position).toBeCloseTo(0.95 + 4 / 2, 9);
    expect(a.target).toBe(a.position);
  });

  it("is left alone by whoever does not wait for it any longer; it goes on", async () => {
    const { clock, left, a } = await twoControllers();
    left.slowStop(4);
    const moving = errorOf(a.move(9));
    await clock.advance(1);
    const impatient = new AbortController();
    const stop = errorOf(a.stop({ signal: impatient.signal }));
    await clock.advance(1);
    impatient.abort(reason);
    expect(await stop).toBe(reason);
    expect(a.isMoving).toBe(true);
    const refused = await errorOf(a.move(0));
    expect(String(refused)).toMatch(/a is moving: wait for the end of its move \(waitMove\), or stop it/);
    const error = await clock.run(moving);
    expect(error).toBeInstanceOf(AxisStoppedError);
    expect(error).toMatchObject({ axis: "a", position: a.position, target: 9 });
    expect(String(error)).toMatch(/a was stopped at 2\.9\d* mm on its way to 9 mm/);
    expect(clock.now()).toBeCloseTo(5, 1);
    await clock.run(a.move(0));
  });
});

describe("a motion that nobody waits for", () => {
  it("tells one who waits how it has ended, and only one", async () => {
    const { clock, left, a, b } = await twoControllers();
    const group = new AxisGroup([a, b]);
    await clock.run(group.move({ a: 5, b: 5 }, { wait: false }));
    expect([a.isMoving, b.isMoving]).toEqual([true, true]);
    await clock.advance(1);
    left.breakDown("a", "drive overheated");
    await clock.advance(1);
    expect(b.isMoving).toBe(false);
    const told = [group, a, b, group].map((it) => it.waitMove());
    const outcomes = await Promise.allSettled(told);
    const failures = outcomes.filter(({ status }) => status === "rejected");
    expect(failures).toEqual([{ status: "rejected", reason: expect.any(AxisFaultError) }]);
  });

  it("is forgotten when the next one begins", async () => {
    const { clock, left, a } = await twoControllers();
    await clock.run(a.move(5, { wait: false }));
    left.breakDown("a", "drive overheated");
    await clock.advance(1);
    left.repair("a");
    await clock.run(a.move(1));
    await a.waitMove();
    expect(a.position).toBe(1);
  });

  it("tells at once that it cannot begin", async () => {
    const { a } = await twoControllers();
    await expect(a.move(11, { wait: false })).rejects.toThrow(
      "a cannot go to 11 mm: expected a position from -10 to 10",
    );
    await a.waitMove();
  });

  it("can be waited for with an end to the patience", async () => {
    const { clock, a } = await twoControllers();
    await clock.run(a.move(5, { wait: false }));
    const user = new AbortController();
    const waiting = errorOf(a.waitMove({ signal: user.signal }));
    user.abort(reason);
    expect(await waiting).toBe(reason);
    expect(a.isMoving).toBe(true);
    await clock.run(a.waitMove());
    expect(a.position).toBe(5);
  });
});
