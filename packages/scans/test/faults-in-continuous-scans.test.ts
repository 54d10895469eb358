import type { MotorCall } from "@beamtime/controller-simulation";
import { ScanAbort, ScanError } from "@beamtime/core";
import { AxisFaultError, AxisStopError, AxisTimeoutError, AxisVelocityError } from "@beamtime/motion";
import { beforeEach, describe, expect, it } from "vitest";
import { answerTime, errorOf, type FaultyBeamline, faultyBeamline } from "./faulty-beamline.js";

let its: FaultyBeamline;
beforeEach(async () => {
  its = await faultyBeamline();
});

/** When the scan below has taken a few points: 0.1 s to its start, 0.05 s up to the first point, 0.5 s between two. */
const middle = 1.9;

/** Begins a scan of 9 points from -4 to 4 at 2 mm/s, and lets it run for a while. */
async function begin({ clock, contScan, x }: FaultyBeamline): Promise<{ readonly failing: Promise<unknown> }> {
  await clock.run(x.move(-4.05));
  const failing = errorOf(contScan(x, -4, 4, 9, 4));
  await clock.advance(middle);
  expect(x.isMoving).toBe(true);
  return { failing };
}

/** Everything is stopped and closed, with the points until then, and the next scan runs with the velocity of before. */
async function expectEnd({ clock, left, x, camera, recorder, told, values, contScan }: FaultyBeamline): Promise<void> {
  expect([camera.stops, recorder.openSinks, x.isMovedHere]).toEqual([1, 0, false]);
  const points = values("x");
  expect(points.length).toBeGreaterThan(2);
  expect(points).toEqual([-4, -3, -2, -1, 0, 1, 2, 3, 4].slice(0, points.length));
  expect(told()).toMatchObject({ ended: { reason: expect.stringMatching(/FAILURE|USER_ABORT/) } });
  await clock.advance(100);
  await clock.run(x.syncHard());
  expect(x.velocity).toBe(4);
  await clock.run(x.move(0));
  expect([x.position, await left.readVelocity("x")]).toEqual([expect.closeTo(0, 9), 4000]);
  await clock.run(contScan(x, -4, 4, 9, 4));
  expect(values("x")).toHaveLength(9);
  expect(clock.sleepers).toBe(0);
}

const broken = new Error("line cut");

describe("a controller that stops answering in a continuous scan", () => {
  it.each(["readPosition", "readState"] as const)(
    "in %s: the scan fails, all is stopped, and the velocity is that of before",
    async (call) => {
      const { clock, left, x } = its;
      const { failing } = await begin(its);
      const answerAgain = left.hang(call);
      const error = await clock.run(failing);
      const causes = error instanceof ScanError ? error.errors : [error];
      expect(causes[0]).toBeInstanceOf(AxisStopError);
      expect(String(causes[0])).toMatch(
        new RegExp(
          `x may still move, as stopping failed, too: the controller left of x did not answer ${call} within ` +
            `${answerTime} s: see that it is on and connected, then call syncHard\\(\\) of the axis; then stop\\(\\) again`,
        ),
      );
      expect((causes[0] as Error).cause).toBeInstanceOf(AxisTimeoutError);
      expect(clock.now()).toBeLessThan(5);
      expect([x.velocity, await left.readVelocity("x")]).toEqual([4, 4000]);
      answerAgain();
      await clock.run(x.stop());
      await expectEnd(its);
    },
  );

  it.each(["readPosition", "readState"] as const)(
    "that throws once in %s: it is that which fails the scan",
    async (call) => {
      const { clock, left, x } = its;
      const { failing } = await begin(its);
      left.failNext(call, broken);
      expect(await clock.run(failing)).toBe(broken);
      expect([x.isMoving, x.target, x.velocity]).toEqual([false, x.position, 4]);
      await expectEnd(its);
    },
  );

  it("in stop, when the user aborts: it says that the axis may still move, which then can be stopped", async () => {
    const { clock, left, x, scans, told } = its;
    const { failing } = await begin(its);
    const answerAgain = left.hang("stop");
    scans.at(-1)?.abort();
    expect(await clock.run(failing)).toBeInstanceOf(ScanAbort);
    expect(told().warnings).toContainEqual(
      expect.objectContaining({ message: expect.stringMatching(/did not answer stop within 0.5 s/) }),
    );
    expect([x.isMoving, x.velocity]).toEqual([true, 4]);
    expect(String(await errorOf(x.move(0)))).toContain("x is moved by somebody else: wait for the end of its move");
    answerAgain();
    await clock.run(x.stop());
    await expectEnd(its);
  });

  it("in everything: the velocity that it may still have is told, and set before the next move", async () => {
    const { clock, left, x } = its;
    const { failing } = await begin(its);
    const calls: readonly MotorCall[] = ["readPosition", "readState", "stop", "setVelocity"];
    const answers = calls.map((call) => left.hang(call));
    const error = await clock.run(failing);
    const [first] = error instanceof ScanError ? error.errors : [error];
    expect(first).toMatchObject({
      code: "AXIS_FAILURES",
      errors: [expect.any(AxisStopError), expect.any(AxisVelocityError)],
    });
    expect(String(first)).toContain(
      "x could not be given back its velocity of 4 mm/s, and its controller may still have 2 mm/s: " +
        "the controller left of x did not answer setVelocity within 0.5 s: see that it is on and connected, " +
        "then call syncHard() of the axis; its next move tells the controller again",
    );
    for (const answerAgain of answers) answerAgain();
    expect([x.velocity, await left.readVelocity("x")]).toEqual([4, 2000]);
    await clock.run(x.stop());
    await expectEnd(its);
  });

  it("in setVelocity alone, after a scan that went well: the scan fails with that, and has all its points", async () => {
    const { clock, left, values } = its;
    const { failing } = await begin(its);
    left.failNext("setVelocity", broken);
    const error = await clock.run(failing);
    expect(error).toBeInstanceOf(AxisVelocityError);
    expect(error).toMatchObject({ axis: "x", velocity: 4, cause: broken });
    expect(values("x")).toHaveLength(9);
    await expectEnd(its);
  });

  it("in setVelocity before it: nothing is taken, and the velocity is that of before", async () => {
    const { clock, left, x, contScan, values } = its;
    left.failNext("setVelocity", broken);
    expect(await clock.run(errorOf(contScan(x, -4, 4, 9, 4)))).toBe(broken);
    expect([values("x"), x.velocity, await left.readVelocity("x")]).toEqual([[], 4, 4000]);
  });
});

describe("a fault of an axis in a continuous scan", () => {
  it("fails the scan with what the controller says; the axis is where the hardware says", async () => {
    const { clock, left, x } = its;
    const { failing } = await begin(its);
    left.breakDown("x", "drive overheated");
    const error = await clock.run(failing);
    expect(error).toBeInstanceOf(AxisFaultError);
    expect(String(error)).toContain("x is in fault: drive overheated: mend that, and move it again");
    expect([x.velocity, await left.readVelocity("x")]).toEqual([4, 4000]);
    expect(x.position).toBe((await left.readPosition("x")) / 1000);
    left.repair("x");
    await expectEnd(its);
  });

  it("that has lost its power is told, with the remedy when it is to move again", async () => {
    const { clock, left, x } = its;
    const { failing } = await begin(its);
    await left.powerOff("x");
    expect(await clock.run(failing)).toBeInstanceOf(AxisFaultError);
    const refused = await clock.run(errorOf(x.move(0)));
    expect(String(refused)).toBe("AxisDisabledError: x cannot move: Axis power is off: call on() of the axis");
    await clock.run(x.on());
    await expectEnd(its);
  });

  it("is told by the slow axis of a mesh as well, and the fast one keeps its velocity", async () => {
    const { clock, right, x, z, contMesh, camera } = its;
    const failing = errorOf(contMesh(x, -4, 4, 9, z, 0, 1, 2, 4));
    await clock.advance(4);
    right.failNext("startMove", broken);
    expect(await clock.run(failing)).toBe(broken);
    expect([x.velocity, x.isMoving, z.isMoving, camera.stops]).toEqual([4, false, false, 1]);
  });
});
