import { AxisEncoderError, AxisGroup } from "@beamtime/motion";
import { describe, expect, it } from "vitest";
import { errorOf, twoControllers } from "./two-controllers.js";

describe("an axis whose moves the encoder confirms", () => {
  it.each([
    ["counts as its encoder", {}, 4.98],
    ["counts the other way", { sign: -1 } as const, 5.02],
  ])(
    "that %s fails when it is not where it was sent, with both values and the tolerance",
    async (_how, options, measured) => {
      const { clock, left, a } = await twoControllers({ ...options, checkEncoder: true });
      await clock.run(a.move(1));
      left.loseSteps("a", 20);
      const error = await clock.run(errorOf(a.move(5)));
      expect(error).toBeInstanceOf(AxisEncoderError);
      expect(error).toMatchObject({ axis: "a", measured: expect.closeTo(measured, 9), target: 5 });
      expect(String(error)).toBe(
        `AxisEncoderError: a did not reach its final position: its encoder is at ${measured} mm instead of 5 mm; ` +
          "expected them within 0.01 mm, the tolerance of the encoder: see whether it lost steps, and move it again",
      );
      expect([a.position, a.target, a.isMoving]).toEqual([5, 5, false]);
      expect(a.state.toString()).toBe("READY (Axis is READY)");
    },
  );

  it("moves again when the encoder is right, and takes as arrived what is within the tolerance", async () => {
    const { clock, left, encoder, a } = await twoControllers({ checkEncoder: true });
    left.loseSteps("a", 9);
    await clock.run(a.move(5));
    left.loseSteps("a", 9);
    expect(await clock.run(errorOf(a.move(6)))).toBeInstanceOf(AxisEncoderError);
    await clock.run(encoder.set(a.dial));
    await clock.run(a.move(7));
    expect(await clock.run(a.measuredPosition())).toBeCloseTo(7, 9);
  });

  it("fails a group when all of it have arrived", async () => {
    const { clock, left, a, b } = await twoControllers({ checkEncoder: true });
    left.loseSteps("a", 20);
    const error = await clock.run(errorOf(new AxisGroup([a, b]).move({ a: 1, b: 5 })));
    expect(error).toMatchObject({ code: "AXIS_ENCODER", axis: "a" });
    expect([a.position, b.position]).toEqual([1, 5]);
  });

  it("is confirmed where the backlash is taken up, and not in jogs and searches", async () => {
    const { clock, left, a } = await twoControllers({ checkEncoder: true, backlash: 0.5 });
    await clock.run(a.move(-2));
    left.loseSteps("a", 20);
    await clock.run(a.jog(1));
    await clock.advance(1);
    await clock.run(a.stop());
    await clock.run(a.home());
    expect(a.position).toBeCloseTo(3, 9);
    expect(await clock.run(errorOf(a.move(0)))).toMatchObject({
      code: "AXIS_ENCODER",
      measured: expect.closeTo(-0.02, 9),
    });
  });

  it("tells when the encoder does not answer, or fails; the axis has arrived", async () => {
    const { clock, left, a } = await twoControllers({ checkEncoder: true });
    const answerAgain = left.hang("readEncoder");
    const error = await clock.run(errorOf(a.move(1)));
    expect(String(error)).toContain("the controller left of a did not answer readEncoder within 0.5 s");
    answerAgain();
    expect([a.position, a.isMoving]).toEqual([1, false]);
    const broken = new Error("line cut");
    left.failNext("readEncoder", broken);
    expect(await clock.run(errorOf(a.move(2)))).toBe(broken);
    await clock.run(a.move(3));
  });
});
