import { describe, expect, it } from "vitest";
import { twoControllers } from "./two-controllers.js";

const counts = [
  ["counts as its dial and its steps do", {}],
  ["counts against its dial", { sign: -1, offset: 3 }],
  ["has steps that count against its dial", { stepsPerUnit: -1000 }],
  ["counts against its dial, which counts against its steps", { sign: -1, offset: -2, stepsPerUnit: -1000 }],
] as const;

describe.each(counts)("an axis that %s", (_how, options) => {
  it("goes up for the user when it searches its end switch upwards", async () => {
    const { clock, left, a } = await twoControllers(options);
    for (const direction of [1, -1] as const) {
      await clock.run(a.hwLimit(direction));
      const dial = direction * a.sign * 12;
      expect(a).toMatchObject({
        dial: expect.closeTo(dial, 9),
        position: expect.closeTo(a.sign * dial + a.offset, 9),
        target: a.position,
      });
      const steps = dial * a.stepsPerUnit;
      expect(await left.readPosition("a")).toBeCloseTo(steps, 6);
      expect(a.state.has(steps > 0 ? "LIMPOS" : "LIMNEG")).toBe(true);
    }
  });

  it("goes up for the user when it searches its home switch upwards, and turns round when that is not there", async () => {
    const { clock, a } = await twoControllers(options);
    const home = 3 * a.sign + a.offset;
    for (const [from, direction] of [
      [home - 2, 1],
      [home + 2, -1],
      [home + 2, 1],
    ] as const) {
      await clock.run(a.move(from));
      const seen: number[] = [];
      const leave = a.onPosition((position) => void seen.push(position));
      await clock.run(a.home(direction));
      leave();
      expect(Math.sign((seen[1] ?? from) - from)).toBe(direction);
      expect([a.position, a.state.has("HOME")]).toEqual([expect.closeTo(home, 9), true]);
    }
  });

  it("jogs up for the user with a positive velocity, at the same speed", async () => {
    const { clock, a } = await twoControllers(options);
    for (const velocity of [0.5, -0.5]) {
      const from = a.position;
      await clock.run(a.jog(velocity));
      await clock.advance(4);
      await clock.run(a.stop());
      expect(a.position - from).toBeCloseTo(velocity * 4, 6);
    }
  });

  it("ends its moves in the direction of its backlash, as the user counts", async () => {
    for (const backlash of [0.5, -0.5]) {
      const { clock, a } = await twoControllers({ ...options, backlash });
      const start = a.position;
      for (const distance of [2, -2]) {
        await clock.run(a.move(start));
        const seen: number[] = [];
        const leave = a.onPosition((position) => void seen.push(position));
        await clock.run(a.move(start + distance));
        leave();
        const before = seen.filter((position) => Math.abs(position - a.position) > 1e-6).at(-1) ?? Number.NaN;
        expect(Math.sign(a.position - before)).toBe(Math.sign(backlash));
        const furthest = Math.max(...seen.map((position) => (position - start) * Math.sign(distance)));
        expect(furthest).toBeCloseTo(distance * backlash > 0 ? 2 : 2.5, 6);
      }
    }
  });

  it("has in its encoder what counts as its positions do", async () => {
    const { clock, a } = await twoControllers(options);
    await clock.run(a.move(a.position + 2));
    expect(await clock.run(a.measuredPosition())).toBeCloseTo(a.position, 9);
    expect(await a.encoder?.read()).toBeCloseTo(a.dial, 9);
  });
});
