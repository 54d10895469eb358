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
});
