import { describe, expect, it } from "vitest";
import { Trajectory } from "./trajectory.js";

/** The integral of the velocity, by small steps. */
function travelled(trajectory: Trajectory, until: number): number {
  const steps = 20_000;
  const dt = (until - trajectory.start) / steps;
  let sum = 0;
  for (let i = 0; i < steps; i++) sum += trajectory.velocityAt(trajectory.start + (i + 0.5) * dt) * dt;
  return sum;
}

describe("a trajectory", () => {
  const cases = [
    ["a trapezoid", 0, 10],
    ["a trapezoid backwards", 3, -10],
    ["a triangle", 1, 1.01],
    ["a triangle backwards", 1, 0.99],
  ] as const;
  for (const [name, from, to] of cases) {
    it(`follows its velocity: ${name}`, () => {
      const trajectory = Trajectory.move(from, to, { velocity: 2, acceleration: 10 }, 100);
      for (const part of [0.05, 0.3, 0.5, 0.77, 0.99]) {
        const time = 100 + part * trajectory.duration;
        expect(trajectory.positionAt(time)).toBeCloseTo(from + travelled(trajectory, time), 6);
        expect(Math.abs(trajectory.velocityAt(time))).toBeLessThanOrEqual(2);
      }
    });
  }

  it("lasts distance / velocity + velocity / acceleration, and ends exactly at its target", () => {
    const trajectory = Trajectory.move(0.1, 10.3, { velocity: 2, acceleration: 10 }, 100);
    expect(trajectory.duration).toBeCloseTo(10.2 / 2 + 2 / 10, 9);
    expect(trajectory.positionAt(trajectory.end)).toBe(10.3);
    expect(trajectory.velocityAt(trajectory.end)).toBe(0);
    expect(trajectory.positionAt(99)).toBe(0.1);
    expect(trajectory.velocityAt(99)).toBe(0);
  });

  it("takes no time to go nowhere", () => {
    const trajectory = Trajectory.move(4, 4, { velocity: 2, acceleration: 10 }, 1);
    expect(trajectory.duration).toBe(0);
    expect(trajectory.positionAt(0)).toBe(4);
  });

  it("brakes from a velocity in velocity² / 2 acceleration", () => {
    const trajectory = Trajectory.brake(5, -2, 10, 1);
    expect(trajectory.duration).toBeCloseTo(0.2, 12);
    expect(trajectory.target).toBeCloseTo(4.8, 12);
    expect(trajectory.positionAt(1.1)).toBeCloseTo(5 + travelled(trajectory, 1.1), 6);
  });

  it("goes on for ever from one velocity to another, also backwards", () => {
    const jog = Trajectory.jog(3, -4, 2, 10, 1);
    expect([jog.end, jog.target]).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
    expect(jog.times.map((time) => Math.fround(time))).toEqual(
      [1, 1.4, 1.6, Number.POSITIVE_INFINITY].map(Math.fround),
    );
    expect(jog.positionAt(1.4)).toBeCloseTo(3 - 0.8, 12);
    for (const time of [1.2, 1.5, 1.6, 4]) expect(jog.positionAt(time)).toBeCloseTo(3 + travelled(jog, time), 5);
    expect(jog.velocityAt(100)).toBe(2);
    expect(Trajectory.jog(0, 2, 2, 10, 1).positionAt(3)).toBe(4);
    expect(Trajectory.jog(0, 2, 0, 10, 1)).toMatchObject({ end: 1.2, target: 0.2 });
  });

  it("stands dead where it is cut", () => {
    const cut = Trajectory.move(0, 10, { velocity: 2, acceleration: 10 }, 1).cut(2.1, 2);
    expect([cut.end, cut.target, cut.positionAt(2.1), cut.velocityAt(2.1)]).toEqual([2.1, 2, 2, 0]);
    expect(cut.positionAt(1.1)).toBeCloseTo(0.05, 12);
    expect(cut.velocityAt(2)).toBe(2);
    expect(Trajectory.jog(1, 0, 2, 10, 1).cut(1).positionAt(0)).toBe(1);
  });

  it("tells when it passes a position, in the direction asked for, with the time at which it is there", () => {
    const there = Trajectory.move(0, 10, { velocity: 2, acceleration: 10 }, 1);
    const back = Trajectory.move(10, -5, { velocity: 3, acceleration: 7 }, there.end);
    const both = there.followedBy(back);
    for (const position of [0.03, 0.2, 1, 5, 9.8, 9.97]) {
      const up = both.timeOf(position, 1) ?? Number.NaN;
      const down = both.timeOf(position, -1) ?? Number.NaN;
      expect(both.positionAt(up)).toBeCloseTo(position, 9);
      expect(both.positionAt(down)).toBeCloseTo(position, 9);
      expect(up).toBeLessThan(there.end);
      expect(down).toBeGreaterThan(there.end);
      expect(both.timeOf(position, 1, up + 1e-3)).toBeUndefined();
    }
    expect(both.timeOf(0, 1)).toBe(1);
    expect(both.timeOf(10, 1)).toBe(there.end);
    expect(both.timeOf(-5, -1)).toBe(both.end);
    expect(both.timeOf(10.001, 1)).toBeUndefined();
    expect(Trajectory.rest(3).timeOf(3, 1)).toBeUndefined();
    const jog = Trajectory.jog(0, 0, -2, 10, 0);
    expect(jog.timeOf(-1e6 - 0.2, -1)).toBeCloseTo(5e5 + 0.2, 6);
    const turning = Trajectory.jog(0, -4, 2, 10, 0);
    expect(turning.positionAt(turning.timeOf(-0.5, 1) ?? 0)).toBeCloseTo(-0.5, 12);
    expect(turning.timeOf(-0.9, -1)).toBeUndefined();
  });
});
