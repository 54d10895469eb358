import { VirtualClock } from "@beamtime/concurrency";
import {
  Axis,
  AxisDiscrepancyError,
  AxisFaultError,
  AxisLimitError,
  AxisMovingError,
  AxisStopError,
  AxisStoppedError,
  moveTogether,
} from "@beamtime/motion";
import { describe, expect, it } from "vitest";
import { RandomSource } from "./random-source.js";
import { simulatedAxis } from "./simulated-axis.js";
import { SimulatedMotorController } from "./simulated-motor-controller.js";

function setUp(options: { latency?: number; backlash?: number; sign?: 1 | -1; offset?: number } = {}) {
  const clock = new VirtualClock();
  const controller = new SimulatedMotorController({ clock, latency: options.latency });
  const axis = simulatedAxis({
    ...options,
    name: "roby",
    unit: "mm",
    stepsPerUnit: -1000,
    velocity: 2,
    acceleration: 10,
    lowLimit: -10,
    highLimit: 10,
    controller,
    clock,
  });
  return { clock, controller, axis };
}

describe("a simulated axis", () => {
  it("takes as long as distance / velocity + velocity / acceleration", async () => {
    const { clock, axis } = setUp();
    await clock.run(axis.move(5));
    expect(clock.now()).toBeCloseTo(5 / 2 + 2 / 10, 6);
    expect(axis.position).toBe(5);
  });

  it("takes 2 sqrt(distance / acceleration) where the way is too short for its velocity", async () => {
    const { clock, axis } = setUp();
    await clock.run(axis.move(0.1));
    expect(clock.now()).toBeCloseTo(2 * Math.sqrt(0.1 / 10), 6);
  });

  it("is on its way, at full velocity, in the middle of a move", async () => {
    const { clock, axis } = setUp();
    const move = axis.move(5);
    await clock.advance(1);
    const before = await axis.readPosition();
    await clock.advance(0.5);
    expect((await axis.readPosition()) - before).toBeCloseTo(2 * 0.5, 9);
    expect(axis.state.has("MOVING")).toBe(true);
    expect(axis.isMoving).toBe(true);
    await clock.run(move);
    expect(axis.state.toString()).toBe("READY (Axis is READY)");
    expect(axis.isMoving).toBe(false);
  });

  it("decelerates in flight when it is stopped, and the move tells where it stands", async () => {
    const { clock, axis } = setUp();
    const move = axis.move(5);
    const outcome = move.then(
      () => undefined,
      (error: unknown) => error,
    );
    await clock.advance(1);
    const seen = await axis.readPosition();
    await clock.run(axis.stop());
    const brakingDistance = (2 * 2) / (2 * 10);
    expect(axis.position).toBeCloseTo(seen + brakingDistance, 9);
    expect(axis.target).toBe(axis.position);
    const error = await outcome;
    expect(error).toBeInstanceOf(AxisStoppedError);
    expect(error).toMatchObject({ axis: "roby", position: axis.position, target: 5 });
  });

  it("is stopped by an abort, its true position is known, and the reason is thrown", async () => {
    const { clock, axis } = setUp({ latency: 0.001 });
    const user = new AbortController();
    const reason = new Error("Ctrl-C");
    const outcome = axis.move(5, { signal: user.signal }).then(
      () => undefined,
      (error: unknown) => error,
    );
    await clock.advance(1);
    user.abort(reason);
    expect(await clock.run(outcome)).toBe(reason);
    expect(axis.position).toBeGreaterThan(1);
    expect(axis.position).toBeLessThan(3);
    const standing = axis.position;
    await clock.advance(10);
    expect(await clock.run(axis.readPosition())).toBe(standing);
    expect(axis.target).toBe(standing);
    await clock.run(axis.move(0));
    expect(axis.position).toBe(0);
  });

  it("does not start for a signal that is aborted already", async () => {
    const { clock, axis } = setUp();
    await clock.run(axis.initialize());
    await expect(axis.move(5, { signal: AbortSignal.abort(new Error("no")) })).rejects.toThrow("no");
    await clock.advance(1);
    expect(await axis.readPosition()).toBe(0);
  });

  it("tells its positions while it moves", async () => {
    const { clock, axis } = setUp();
    const positions: number[] = [];
    const states: string[] = [];
    const leave = axis.onPosition((position) => positions.push(position));
    axis.onState((state) => states.push(state.toString()));
    await clock.run(axis.move(2));
    expect(positions.length).toBeGreaterThan(20);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    expect(positions.at(-1)).toBe(2);
    expect(states).toEqual(["MOVING (Axis is MOVING)", "READY (Axis is READY)"]);
    leave();
    const { length } = positions;
    await clock.run(axis.move(0));
    expect(positions.length).toBe(length);
  });

  it("converts between user, dial and steps", async () => {
    const { clock, axis, controller } = setUp({ sign: -1, offset: 3 });
    expect(axis.limits).toEqual([-7, 13]);
    await clock.run(axis.move(5));
    expect(axis.dial).toBe(-2);
    expect(await controller.readPosition("roby")).toBe(2000);
    axis.limits = [0, 6];
    expect(axis.lowLimit).toBe(0);
    await expect(axis.move(6.5)).rejects.toThrow("roby cannot go to 6.5 mm: expected a position from 0 to 6 mm");
  });

  it("never waits a polling time too long when it arrives between two questions", async () => {
    /** Time passes between two looks at it, now more, now less, as on a real machine. */
    class TickingClock extends VirtualClock {
      #passed = 0;
      readonly #random = new RandomSource(1);
      override now(): number {
        this.#passed += 2e-6 * this.#random.uniform() ** 4;
        return super.now() + this.#passed;
      }
    }
    const clock = new TickingClock();
    const axis = simulatedAxis({ name: "fast", velocity: 1e9, acceleration: 1e6, clock });
    for (let i = 0; i < 200; i++) await clock.run(axis.rmove(1e-7));
    expect(clock.now()).toBeLessThan(0.02);
  });

  it("refuses a position beyond its limits, or none at all, before it moves", async () => {
    const { clock, axis } = setUp();
    await expect(axis.move(11)).rejects.toThrow(AxisLimitError);
    await expect(axis.move(Number.NaN)).rejects.toThrow("position of roby is NaN; expected a finite number");
    await clock.advance(1);
    expect(await axis.readPosition()).toBe(0);
  });

  it("refuses a second move until the first has ended", async () => {
    const { clock, axis } = setUp();
    const first = axis.move(1);
    await expect(axis.move(2)).rejects.toThrow(AxisMovingError);
    await clock.run(first);
    await clock.run(axis.move(2));
    expect(axis.position).toBe(2);
  });

  it("moves relative to where it was sent", async () => {
    const { clock, axis } = setUp();
    await clock.run(axis.rmove(1.5));
    await clock.run(axis.rmove(-0.5));
    expect(axis.position).toBe(1);
  });

  it("refuses to move when somebody else has moved it, until it is told that this is right", async () => {
    const { clock, controller, axis } = setUp();
    await clock.run(axis.move(1));
    await controller.startMove([{ address: "roby", target: -5000 }]);
    await clock.advance(10);
    await expect(axis.rmove(0.5)).rejects.toThrow(AxisDiscrepancyError);
    await axis.syncHard();
    await clock.run(axis.rmove(0.5));
    expect(axis).toMatchObject({ position: 5.5, target: 5.5 });
  });

  it("keeps its acceleration when the velocity is changed", async () => {
    const { clock, axis } = setUp();
    await clock.run(axis.setVelocity(4));
    expect(axis.acceleration).toBe(10);
    expect(axis.acctime).toBe(0.4);
    await clock.run(axis.move(8));
    expect(clock.now()).toBeCloseTo(8 / 4 + 4 / 10, 6);
    await expect(axis.setVelocity(0)).rejects.toThrow("velocity of roby is 0; expected a positive number");
  });

  it("ends its moves in the direction of the backlash", async () => {
    const { clock, axis } = setUp({ backlash: 0.5 });
    const turns: number[] = [];
    axis.onPosition((position) => turns.push(position));
    await clock.run(axis.move(5));
    await clock.run(axis.move(2));
    expect(Math.min(...turns.slice(-40))).toBe(1.5);
    expect(axis.position).toBe(2);
    await expect(axis.move(-10)).rejects.toThrow(AxisLimitError);
  });

  it("fails with the fault of the controller, and works again once that is repaired", async () => {
    const { clock, controller, axis } = setUp();
    const outcome = axis.move(5).then(
      () => undefined,
      (error: unknown) => error,
    );
    await clock.advance(1);
    controller.breakDown("roby", "drive overheated");
    const error = await clock.run(outcome);
    expect(error).toBeInstanceOf(AxisFaultError);
    expect(error).toMatchObject({ message: "roby is in fault: drive overheated: mend that, and move it again" });
    await expect(axis.move(0)).rejects.toThrow("roby is in fault: drive overheated");
    controller.repair("roby");
    await clock.run(axis.move(0));
    expect(axis.position).toBe(0);
  });

  it("fails when an end switch keeps it from its target", async () => {
    const { clock, controller, axis } = setUp();
    controller.addMotor("roby", { limits: [-3000, 3000] });
    await expect(clock.run(axis.move(-5))).rejects.toThrow(
      "roby came to rest at -3 mm instead of -5 mm: READY (Axis is READY) | LIMPOS (Hardware high limit active)",
    );
  });

  it("tells both failures when stopping fails too", async () => {
    const { clock, controller, axis } = setUp();
    const user = new AbortController();
    const outcome = axis.move(5, { signal: user.signal }).then(
      () => undefined,
      (error: unknown) => error,
    );
    await clock.advance(1);
    controller.failNext("stop", new Error("no answer"));
    user.abort(new Error("Ctrl-C"));
    const error = await clock.run(outcome);
    expect(error).toBeInstanceOf(AxisStopError);
    expect(error).toMatchObject({ cause: new Error("Ctrl-C"), failures: [new Error("no answer")] });
  });

  it("can be initialized again after a failure", async () => {
    const { clock, controller, axis } = setUp();
    controller.failNext("setVelocity", new Error("not powered"));
    await expect(axis.move(1)).rejects.toThrow("not powered");
    expect(axis).toMatchObject({ isInitialized: false, disabled: true });
    await axis.enable();
    await clock.run(axis.move(1));
    expect(axis.position).toBe(1);
  });
});

describe("axes that move together", () => {
  function two() {
    const clock = new VirtualClock();
    const controller = new SimulatedMotorController({ clock });
    const roby = simulatedAxis({ name: "roby", velocity: 1, highLimit: 10, controller, clock });
    const robz = simulatedAxis({ name: "robz", velocity: 2, clock });
    return { clock, controller, roby, robz };
  }

  it("arrive after the time of the slowest", async () => {
    const { clock, roby, robz } = two();
    await clock.run(
      moveTogether(
        new Map([
          [roby, 4],
          [robz, 4],
        ]),
      ),
    );
    expect([roby.position, robz.position]).toEqual([4, 4]);
    expect(clock.now()).toBeCloseTo(4 + 0.01, 6);
  });

  it("do not move at all when one of them may not", async () => {
    const { clock, roby, robz } = two();
    await expect(
      moveTogether([
        [robz, 4],
        [roby, 11],
      ]),
    ).rejects.toThrow(AxisLimitError);
    await expect(
      moveTogether([
        [robz, 4],
        [robz, 5],
      ]),
    ).rejects.toThrow("robz is given twice");
    await clock.advance(1);
    expect(await robz.readPosition()).toBe(0);
    expect(robz.isMoving).toBe(false);
  });

  it("all stop when one fails", async () => {
    const { clock, controller, roby, robz } = two();
    const outcome = moveTogether([
      [roby, 4],
      [robz, 8],
    ]).then(
      () => undefined,
      (error: unknown) => error,
    );
    await clock.advance(1);
    controller.breakDown("roby", "collision");
    expect(await clock.run(outcome)).toBeInstanceOf(AxisFaultError);
    expect(robz.position).toBeLessThan(3);
    await clock.advance(10);
    expect(await robz.readPosition()).toBe(robz.target);
  });
});

it("refuses axes that make no sense", () => {
  const controller = new SimulatedMotorController();
  const good = { name: "m", controller, velocity: 1, acceleration: 1 };
  expect(() => new Axis({ ...good, stepsPerUnit: 0 })).toThrow("stepsPerUnit of m is 0; expected any number but 0");
  expect(() => new Axis({ ...good, velocity: -1 })).toThrow("velocity of m is -1; expected a positive number");
  expect(() => new Axis({ ...good, lowLimit: 1, highLimit: 0 })).toThrow("expected the lower one first");
});
