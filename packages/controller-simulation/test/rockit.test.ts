import { simulatedAxis } from "@beamtime/controller-simulation";
import { AcquisitionChain, Scan, SoftwareTimerMaster } from "@beamtime/core";
import {
  type Axis,
  AxisFaultError,
  AxisLimitError,
  AxisMovingError,
  AxisStopError,
  AxisStoppedError,
  LinearStepTriggerMaster,
  rockit,
} from "@beamtime/motion";
import { describe, expect, it } from "vitest";
import { answerTime, errorOf, twoControllers } from "./two-controllers.js";

const reason = new Error("Ctrl-C");

/** Where an axis is seen, in order. */
function positionsOf(axis: Axis): number[] {
  const seen: number[] = [];
  axis.onPosition((position) => void seen.push(position));
  return seen;
}

/** Ends of the way, of positions that were seen in order. */
function turningPoints(seen: readonly number[]): number[] {
  return seen.filter((position, index) => {
    const [before, after] = [seen[index - 1], seen[index + 1]];
    return before !== undefined && after !== undefined && Math.sign(position - before) !== Math.sign(after - position);
  });
}

describe("rockit", () => {
  it("rocks an axis around where it stands, returns what is done meanwhile, and the axis to where it stood", async () => {
    const { clock, a } = await twoControllers();
    await clock.run(a.move(2));
    const seen = positionsOf(a);
    expect(await clock.run(rockit(a, 1, () => clock.sleep(10).then(() => "counted")))).toBe("counted");
    const turns = turningPoints(seen);
    expect(turns.length).toBeGreaterThan(6);
    for (const [index, turn] of turns.slice(0, -1).entries()) expect(turn).toBeCloseTo(index % 2 ? 2.5 : 1.5, 9);
    expect([a.position, a.isMoving]).toEqual([expect.closeTo(2, 9), false]);
  });

  it("returns the axis also when what is done meanwhile fails", async () => {
    const { clock, a } = await twoControllers();
    const failed = new Error("no beam");
    const rocking = rockit(a, 1, async () => {
      await clock.sleep(5.3);
      throw failed;
    });
    expect(await clock.run(errorOf(rocking))).toBe(failed);
    expect([a.position, a.isMoving]).toEqual([expect.closeTo(0, 9), false]);
  });

  it("stops where it is when it is aborted, and so does what is done meanwhile", async () => {
    const { clock, left, a } = await twoControllers();
    const user = new AbortController();
    let inner: AbortSignal | undefined;
    const rocking = errorOf(
      rockit(
        a,
        4,
        ({ signal }) => {
          inner = signal;
          return clock.sleep(1e6, { signal });
        },
        { signal: user.signal },
      ),
    );
    await clock.advance(10.5);
    user.abort(reason);
    expect(await clock.run(rocking)).toBe(reason);
    expect(inner?.reason).toBe(reason);
    expect([a.isMoving, a.target, clock.sleepers]).toEqual([false, a.position, 0]);
    expect(await left.readPosition("a")).toBe(a.position * 1000);
  });

  it.each([
    ["a stop", (axis: Axis) => axis.stop(), AxisStoppedError],
    ["a fault", (axis: Axis) => axis.off(), AxisMovingError],
  ])("ends with %s of the axis: what is done meanwhile is told, and the axis stays", async (how, end, refusal) => {
    const { clock, left, a } = await twoControllers();
    let told: unknown;
    const rocking = errorOf(
      rockit(a, 4, async ({ signal }) => {
        await clock.sleep(1e6, { signal }).catch((error: unknown) => {
          told = error;
        });
      }),
    );
    await clock.advance(10.5);
    const ended = errorOf(end(a));
    if (how === "a fault") {
      expect(await ended).toBeInstanceOf(refusal); // who rocks has it
      left.breakDown("a", "drive overheated");
    }
    const error = await clock.run(rocking);
    expect(error).toBe(told);
    expect(error).toBeInstanceOf(how === "a fault" ? AxisFaultError : refusal);
    expect([a.isMoving, a.target]).toEqual([false, a.position]);
  });

  it("tells when the axis could not be stopped in the end", async () => {
    const { clock, left, a } = await twoControllers();
    const rocking = errorOf(rockit(a, 4, () => clock.sleep(10.5)));
    await clock.advance(10.4);
    const answerAgain = left.hang("stop");
    const error = await clock.run(rocking);
    expect(error).toBeInstanceOf(AxisStopError);
    expect(String(error)).toContain(`the controller left of a did not answer stop within ${answerTime} s`);
    answerAgain();
    await clock.run(a.stop());
  });

  it("refuses ends beyond the limits, with the backlash too, and ways that are none, before anything moves", async () => {
    const { clock, a } = await twoControllers();
    await clock.run(a.move(9));
    let calls = 0;
    const rocked = (axis: Axis, total: number): Promise<unknown> =>
      clock.run(errorOf(rockit(axis, total, () => calls++)));
    const beyond = await rocked(a, 2.2);
    expect(beyond).toBeInstanceOf(AxisLimitError);
    expect(String(beyond)).toContain("a cannot go to 10.1 mm: expected a position from -10 to 10 mm, its limits");
    a.backlash = -0.5;
    expect(await rocked(a, 1.5)).toMatchObject({ code: "AXIS_LIMIT", position: 10.25 });
    expect(await rocked(a, 0)).toMatchObject({
      message: "total is 0; expected the length of the way of a from end to end, not 0",
    });
    expect(await rocked(a, Number.NaN)).toMatchObject({ code: "BAD_ARGUMENT" });
    expect([calls, a.position]).toEqual([0, 9]);
  });
});

describe("a scan under rockit", () => {
  async function setUp() {
    const its = await twoControllers();
    const { clock } = its;
    const other = simulatedAxis({ name: "other", clock, lowLimit: -10, highLimit: 10 });
    const scanOf = (axis: Axis): Scan => {
      const chain = new AcquisitionChain();
      const master = new LinearStepTriggerMaster(3, [{ axis, start: 0, stop: 2 }]);
      chain.add(master, new SoftwareTimerMaster(1, { npoints: 3 }));
      return new Scan(chain, { clock });
    };
    return { ...its, other, scanOf };
  }

  it("of another axis runs while this one rocks", async () => {
    const { clock, a, other, scanOf } = await setUp();
    const seen = positionsOf(a);
    const scan = await clock.run(rockit(a, 1, ({ signal }) => scanOf(other).run({ signal })));
    expect([scan.state, scan.getData("other")]).toEqual(["DONE", Float64Array.of(0, 1, 2)]);
    expect(turningPoints(seen).length).toBeGreaterThan(2);
    expect(a.position).toBeCloseTo(0, 9);
  });

  it("of the rocking axis itself is refused, and the axis returns", async () => {
    const { clock, a, scanOf } = await setUp();
    const scan = scanOf(a);
    const error = await clock.run(errorOf(rockit(a, 1, ({ signal }) => scan.run({ signal }))));
    expect(error).toBeInstanceOf(AxisMovingError);
    expect(error).toMatchObject({ axis: "a" });
    expect([scan.state, a.position, a.isMoving]).toEqual(["KILLED", expect.closeTo(0, 9), false]);
  });

  it("is aborted when the axis fails", async () => {
    const { clock, left, a, other, scanOf } = await setUp();
    const scan = scanOf(other);
    const rocking = errorOf(rockit(a, 4, ({ signal }) => scan.run({ signal })));
    await clock.advance(1.5);
    left.breakDown("a", "drive overheated");
    const error = await clock.run(rocking);
    expect(String(error)).toContain("a is in fault: drive overheated: mend that, and move it again");
    expect([scan.state, other.isMoving]).toEqual(["USER_ABORTED", false]);
  });
});
