import { Axis, AxisFaultError, AxisGroup, AxisOnLimitError } from "@beamtime/motion";
import { describe, expect, it } from "vitest";
import { errorOf, twoControllers } from "./two-controllers.js";

/** The limits of `a` leave room beyond its end switches, which are at ±12 mm. */
const wide = { lowLimit: -20, highLimit: 20 };

const help = "an end switch has stopped it: move it the other way, and set its limits so that they keep it from there";

describe("an end switch", () => {
  it("ends a move with an error that names axis, place, target and switch; the axis is where the hardware says", async () => {
    const { clock, left, a } = await twoControllers(wide);
    const error = await clock.run(errorOf(a.move(15)));
    expect(error).toBeInstanceOf(AxisOnLimitError);
    expect(error).toMatchObject({ axis: "a", position: 12, target: 15, switches: ["LIMPOS"], code: "AXIS_ON_LIMIT" });
    expect(String(error)).toBe(
      "AxisOnLimitError: a came to rest at 12 mm instead of 15 mm: " +
        `READY (Axis is READY) | LIMPOS (Hardware high limit active): ${help}`,
    );
    expect([a.position, a.target, a.isMoving]).toEqual([12, 12, false]);
    expect(await left.readPosition("a")).toBe(12_000);
  });

  it("lets the axis go the other way only", async () => {
    const { clock, a } = await twoControllers(wide);
    await clock.run(errorOf(a.move(-15)));
    const begin = clock.now();
    expect(await clock.run(errorOf(a.rmove(-1)))).toMatchObject({ switches: ["LIMNEG"], position: -12, target: -13 });
    expect(clock.now()).toBe(begin);
    await clock.run(a.rmove(1));
    expect([a.position, a.state.toString()]).toEqual([-11, "READY (Axis is READY)"]);
  });

  it("is told as the hardware calls it, also where positions count the other way", async () => {
    const { clock, a } = await twoControllers({ ...wide, stepsPerUnit: -1000, sign: 1 });
    const error = await clock.run(errorOf(a.move(-15)));
    expect(error).toMatchObject({ switches: ["LIMPOS"], position: -12, target: -15 });
  });

  it("stops all axes of a group, of this controller and of another one", async () => {
    const { clock, left, right, a, a2, b } = await twoControllers({ ...wide, velocity: 4 });
    const group = new AxisGroup([a, a2, b]);
    const error = await clock.run(errorOf(group.move({ a: 15, a2: 9, b: 9 })));
    expect(error).toMatchObject({ code: "AXIS_ON_LIMIT", axis: "a", position: 12 });
    expect(group.isMoving).toBe(false);
    expect([a2.position, b.position]).toEqual([expect.closeTo(3.3, 0), expect.closeTo(3.3, 0)]);
    const steps = [await left.readPosition("a2"), await right.readPosition("b")];
    expect([a2.target, b.target]).toEqual(steps.map((count) => count / 1000));
    await clock.run(group.move({ a: 11, a2: 1, b: 1 }));
    expect(group.position).toEqual({ a: 11, a2: expect.closeTo(1, 9), b: expect.closeTo(1, 9) });
  });

  it("ends a jog, which is its way to end", async () => {
    const { clock, a } = await twoControllers(wide);
    await clock.run(a.jog(4));
    await clock.run(a.waitMove());
    expect([a.position, a.target]).toEqual([12, 12]);
    expect(a.state.toString()).toBe("READY (Axis is READY) | LIMPOS (Hardware high limit active)");
  });

  it("that is active at the start of a jog does not keep the axis moving", async () => {
    const { clock, a } = await twoControllers(wide);
    await clock.run(a.hwLimit(1));
    expect([a.position, a.state.has("LIMPOS")]).toEqual([12, true]);
    await clock.run(a.jog(1));
    await clock.run(a.waitMove());
    expect([a.position, a.isMoving]).toEqual([12, false]);
    await clock.run(a.jog(-1));
    await clock.advance(2);
    expect([a.isMoving, a.state.has("LIMPOS")]).toEqual([true, false]);
    await clock.run(a.stop());
  });

  it("hit before the home switch is found says so", async () => {
    const { clock, left } = await twoControllers();
    left.addMotor("z", { limits: [-3000, 3000], home: 90_000 });
    const z = new Axis({ name: "z", controller: left, clock, stepsPerUnit: 1000, unit: "mm" });
    const error = await clock.run(errorOf(z.home(1)));
    expect(error).toBeInstanceOf(AxisFaultError);
    expect(String(error)).toContain(
      "z did not find its home switch, and stands at 3 mm: READY (Axis is READY) | LIMPOS (Hardware high limit active): " +
        "see that it has one",
    );
    expect([z.position, z.isMoving]).toEqual([3, false]);
  });
});
