import { ArgumentError } from "@beamtime/errors";
import {
  type Axis,
  AxisGroup,
  AxisLimitError,
  LinearStepTriggerMaster,
  SoftwarePositionTriggerMaster,
} from "@beamtime/motion";
import { describe, expect, it } from "vitest";
import { errorOf, twoControllers } from "./two-controllers.js";

/** What an axis may count like; all of them have their limits at dial ±10 mm. */
const counts = [
  ["counts as its dial", {}],
  ["counts the other way", { sign: -1, offset: 3 }],
  ["has steps that count the other way", { stepsPerUnit: -1000 }],
  ["has both", { sign: -1, offset: -2, stepsPerUnit: -1000 }],
] as const;

/** Makes an axis jog until it stands by itself. */
async function jogToEnd({ clock, a }: Awaited<ReturnType<typeof twoControllers>>, velocity: number): Promise<void> {
  await clock.run(a.jog(velocity));
  await clock.run(a.waitMove());
}

describe.each(counts)("the software limits of an axis that %s", (_how, options) => {
  it.each([0.1, 1, 5])("end a jog at %s mm/s on either side, within them and near", async (speed) => {
    const its = await twoControllers(options);
    const { a } = its;
    const [low, high] = a.limits;
    for (const [direction, end] of [
      [1, high],
      [-1, low],
    ] as const) {
      await jogToEnd(its, direction * speed);
      expect(a.position * direction).toBeLessThanOrEqual(end * direction);
      expect(Math.abs(end - a.position)).toBeLessThan(0.1 * speed + 1e-9);
      expect([a.isMoving, a.target]).toEqual([false, a.position]);
    }
  });

  it("refuse a jog that leads further out, and let the axis jog back", async () => {
    const its = await twoControllers(options);
    const { clock, a } = its;
    const [low, high] = a.limits;
    await clock.run(a.move(high));
    const error = await clock.run(errorOf(a.jog(1)));
    expect(error).toBeInstanceOf(AxisLimitError);
    expect(error).toMatchObject({ axis: "a", position: high, limits: [low, high] });
    expect(String(error)).toBe(
      `AxisLimitError: a cannot jog further up from ${high} mm: expected a position from ${low} to ${high} mm, its limits`,
    );
    await jogToEnd(its, -5);
    await clock.run(a.move(low));
    expect(String(await clock.run(errorOf(a.jog(-1))))).toContain(`a cannot jog further down from ${low} mm: `);
    expect(a.position).toBeCloseTo(low, 9);
  });

  it("refuse a move beyond them, and let one come back that stands outside", async () => {
    const { clock, left, a } = await twoControllers(options);
    const [low, high] = a.limits;
    for (const position of [high + 0.001, low - 0.001]) {
      expect(await clock.run(errorOf(a.move(position)))).toMatchObject({
        code: "AXIS_LIMIT",
        position,
        limits: [low, high],
      });
    }
    await clock.run(a.hwLimit(1));
    expect(a.position).toBeCloseTo(high + 2, 9);
    expect(await clock.run(errorOf(a.rmove(-1)))).toMatchObject({ code: "AXIS_LIMIT" });
    expect(await clock.run(errorOf(a.jog(1)))).toMatchObject({ code: "AXIS_LIMIT" });
    await clock.run(a.rmove(-3));
    expect(a.position).toBeCloseTo(high - 1, 9);
    expect(Math.abs(await left.readPosition("a"))).toBeCloseTo(9000, 6);
  });

  it("stay on the dial when positions are counted anew", async () => {
    const { clock, a } = await twoControllers(options);
    await clock.run(a.move(a.limits[0] + 1));
    const { dialLimits, dial } = a;
    const width = a.limits[1] - a.limits[0];
    a.position = 100;
    expect(a.limits).toEqual([99, 99 + width]);
    a.offset += 5;
    expect(a.limits).toEqual([104, 104 + width]);
    a.sign = a.sign === 1 ? -1 : 1;
    expect(a.limits[1] - a.limits[0]).toBe(width);
    expect([a.dialLimits, a.dial]).toEqual([dialLimits, expect.closeTo(dial, 9)]);
    expect(await clock.run(errorOf(a.move(a.limits[1] + 0.1)))).toBeInstanceOf(AxisLimitError);
    await clock.run(a.move(a.limits[1]));
  });
});

describe("software limits", () => {
  it("that are narrowed in a jog end it there", async () => {
    const { clock, a } = await twoControllers();
    await clock.run(a.jog(1));
    await clock.advance(2);
    a.limits = [-10, 5];
    await clock.run(a.waitMove());
    expect(a.position).toBeGreaterThan(4.8);
    expect(a.position).toBeLessThanOrEqual(5);
  });

  it("do not keep an axis from its switches, which may be beyond them", async () => {
    const { clock, a } = await twoControllers();
    a.limits = [-1, 1];
    await clock.run(a.home());
    expect(a.position).toBeCloseTo(3, 9);
    await clock.run(a.hwLimit(-1));
    expect(a.position).toBeCloseTo(-12, 9);
  });

  it("with the higher one first are refused", async () => {
    const { a } = await twoControllers();
    for (const change of [() => (a.limits = [5, -5]), () => (a.dialLimits = [1, 0]), () => (a.lowLimit = 11)]) {
      expect(change).toThrow(ArgumentError);
      expect(change).toThrow(/^limits of a are .* and .*; expected the lower one first$/);
    }
    expect(a.limits).toEqual([-10, 10]);
  });

  it.each(["limits", "dialLimits", "velocityLimits"])("that are no pair are refused: %s", async (limits) => {
    const { a } = await twoControllers();
    for (const given of [1, [1], "wide", [0, "1"]]) {
      const message = `${limits} of a are ${String(given)}; expected two numbers: [low, high]`;
      expect(() => Object.assign(a, { [limits]: given })).toThrow(message);
    }
  });
});

describe("limits that only the backlash leaves", () => {
  const because = (detour: number, to: number): string =>
    `a cannot go to ${detour} mm, from where its backlash is taken up on the way to ${to} mm: ` +
    "expected a position from -10 to 10 mm, its limits";

  it.each([
    [0.5, -9.8, -10.3],
    [-0.5, 9.8, 10.3],
  ])(
    "with a backlash of %s mm refuse a move to %s mm, alone and in a group: nothing moves",
    async (backlash, to, detour) => {
      const { clock, a, b } = await twoControllers({ backlash });
      const error = await clock.run(errorOf(new AxisGroup([a, b]).move({ a: to, b: 1 })));
      expect(error).toBeInstanceOf(AxisLimitError);
      expect(error).toMatchObject({ axis: "a", position: detour, message: because(detour, to) });
      expect(await clock.run(errorOf(a.rmove(to)))).toMatchObject({ message: because(detour, to) });
      expect([a.position, b.position, a.isMoving]).toEqual([0, 0, false]);
      await clock.run(a.move(-to)); // from the other side the axis needs no more than the way
      expect(a.position).toBeCloseTo(-to, 9);
    },
  );

  it("refuse scans when they are made", async () => {
    const { clock, a } = await twoControllers({ backlash: 0.5 });
    const steps = (axis: Axis, start: number, stop: number) => () =>
      new LinearStepTriggerMaster(5, [{ axis, start, stop }]);
    expect(steps(a, 0, -10)).toThrow(because(-10.5, -10));
    expect(steps(a, -10, 0)).not.toThrow();
    expect(() => new SoftwarePositionTriggerMaster(a, 0, -9.6, 5, { time: 9.6, points: "exclusive" })).toThrow(
      because(-10.15, -9.65),
    );
    a.backlash = 0;
    expect(steps(a, 0, -10)).not.toThrow();
    expect(clock.sleepers).toBe(0);
  });
});
