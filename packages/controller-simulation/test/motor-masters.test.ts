import { VirtualClock } from "@beamtime/concurrency";
import { SimulatedMotorController, simulatedAxis } from "@beamtime/controller-simulation";
import { AcquisitionChain, type AcquisitionMaster, Scan } from "@beamtime/core";
import {
  type Axis,
  AxisLimitError,
  AxisUnsupportedError,
  JogMotorMaster,
  LinearStepTriggerMaster,
  MotorMaster,
  SweepMotorMaster,
  TwoMotorMaster,
} from "@beamtime/motion";
import { describe, expect, it } from "vitest";
import { bareAxis } from "./bare-axis.js";
import { TriggerRecorder } from "./trigger-recorder.js";

function setUp() {
  const clock = new VirtualClock();
  const motors = new SimulatedMotorController({ clock });
  const options = { controller: motors, clock, velocity: 2, acceleration: 100, lowLimit: -20, highLimit: 20 };
  const m0 = simulatedAxis({ ...options, name: "m0" });
  const m1 = simulatedAxis({ ...options, name: "m1", acceleration: 10 });
  return { clock, motors, m0, m1 };
}

function scanOf(clock: VirtualClock, master: AcquisitionMaster, slave = new TriggerRecorder()): Scan {
  const chain = new AcquisitionChain();
  chain.add(master, slave);
  return new Scan(chain, { clock });
}

/** Positions and velocities that a controller is told of, and when. */
function watch(motors: SimulatedMotorController, clock: VirtualClock) {
  const moves: [address: string, target: number, velocity: number, time: number][] = [];
  const startMove = motors.startMove.bind(motors);
  motors.startMove = async (motions, options) => {
    await startMove(motions, options);
    for (const { address, target } of motions) {
      moves.push([address, target, await motors.readVelocity(address), clock.now()]);
    }
  };
  return moves;
}

describe("step masters and sweeps", () => {
  it("ask each controller for whole trajectories when they are made", () => {
    const clock = new VirtualClock();
    const asked: [string, number[]][][] = [];
    const motors = new (class extends SimulatedMotorController {
      checkPositions(positions: ReadonlyMap<string, Float64Array>): void {
        asked.push(Array.from(positions, ([address, list]) => [address, [...list]]));
        if (positions.get("m0")?.includes(3)) throw new AxisLimitError("m0", 3, [0, 2], "mm", "where it meets m1");
      }
    })({ clock });
    const [m0, m1] = ["m0", "m1"].map((name) => simulatedAxis({ name, controller: motors, clock, velocity: 1 }));
    if (!m0 || !m1) throw new Error("there are two axes");
    const sweep = { axis: m1, start: 5, stop: 4 };
    new LinearStepTriggerMaster(2, [{ axis: m0, start: 0, stop: 1 }, sweep]);
    const list = asked.pop();
    expect(list).toEqual([
      ["m0", [0, 1]],
      ["m1", [5, 4]],
    ]);
    expect(() => new LinearStepTriggerMaster(4, [{ axis: m0, start: 0, stop: 3 }, sweep])).toThrow("where it meets m1");
    expect(() => new MotorMaster(m0, 0, 3)).toThrow("where it meets m1");
  });
});

describe("MotorMaster", () => {
  it("triggers its slaves once and moves at the velocity for the time; emits nothing", async () => {
    const { clock, motors, m0 } = setUp();
    const moves = watch(motors, clock);
    const slave = new TriggerRecorder();
    const master = new MotorMaster(m0, 0, 10, { time: 2, undershootStartMargin: 1, undershootEndMargin: 0.5 });
    await clock.run(scanOf(clock, master, slave).run());
    expect(moves.map(([, target, velocity]) => [target, velocity])).toEqual([
      [-1.125, 2],
      [10.625, 5],
    ]);
    expect(slave.times).toEqual([moves[1]?.[3]]);
    expect([m0.velocity, master.channels]).toEqual([2, []]);
  });

  it("moves back and forth below a master, and through several starts alone", async () => {
    const { clock, motors, m0, m1 } = setUp();
    const moves = watch(motors, clock);
    const chain = new AcquisitionChain();
    const fast = new MotorMaster(m0, 0, 1, { undershoot: 0.5, backnforth: true });
    chain.add(new LinearStepTriggerMaster(3, [{ axis: m1, start: 0, stop: 2 }]), fast);
    chain.add(fast, new TriggerRecorder());
    await clock.run(new Scan(chain, { clock }).run());
    const targetsOf = (name: string): number[] => moves.flatMap(([address, to]) => (address === name ? [to] : []));
    expect(targetsOf("m0")).toEqual([-0.5, 1.5, 1.5, -0.5, -0.5, 1.5]);
    moves.length = 0;
    const slave = new TriggerRecorder();
    await clock.run(scanOf(clock, new MotorMaster(m0, [0, 2, 5], 6, { undershoot: 0.5 }), slave).run());
    expect(targetsOf("m0")).toEqual([-0.5, 2.5, 1.5, 5.5, 4.5, 6.5]);
    expect(slave.times).toHaveLength(3);
  });

  it("has those for itself that its axis is calculated from", async () => {
    const { clock, m0, m1 } = setUp();
    const lift = new (class extends SimulatedMotorController {
      readonly realAxes = [m0, m1];
    })({ name: "lift", clock });
    lift.addMotor("height");
    const height = simulatedAxis({ name: "height", controller: lift, clock, velocity: 1 });
    await clock.run(height.initialize());
    expect(new MotorMaster(height, 0, 1).exclusive).toEqual([height, m0, m1]);
  });

  it("may have the highest velocity of its axis, however times and positions are rounded", async () => {
    const { clock, m0 } = setUp();
    m0.velocityLimits = [0, 3];
    await clock.run(scanOf(clock, new MotorMaster(m0, 0.1, 0.4, { time: 0.1 })).run());
    expect(() => new MotorMaster(m0, 0, 10, { time: 1 })).toThrow(`${10 / 3} s or more`);
    await clock.run(scanOf(clock, new MotorMaster(m0, 0, 10, { time: 10 / 3 })).run());
    expect(() => new MotorMaster(m0, 0.1, 0.4, { time: 0.0999999 })).toThrow("its velocityLimits");
  });

  it("refuses several starts with no way from one to the next", () => {
    const { m0 } = setUp();
    expect(() => new MotorMaster(m0, [0, 1, 1], 3)).toThrow(
      "start and end of m0 are both 1; expected a way between them",
    );
  });

  it("lets slaves of type hardware alone", async () => {
    const { clock, m0 } = setUp();
    const slave = new TriggerRecorder({ triggerType: "hardware" });
    await clock.run(scanOf(clock, new MotorMaster(m0, 0, 1), slave).run());
    expect(slave.times).toEqual([]);
  });
});

describe("TwoMotorMaster", () => {
  it("brings both axes to constant speed at their starts at the same time", async () => {
    const { clock, m0, m1 } = setUp();
    const slave = new TriggerRecorder();
    const master = new TwoMotorMaster({ axis: m0, start: 0, end: 5 }, { axis: m1, start: 10, end: 0 }, { time: 5 });
    const running = scanOf(clock, master, slave).run();
    let departure = Number.NaN;
    m1.onState((state) => {
      if (state.has("MOVING")) departure = clock.now();
    });
    // m1 gets its 2 mm/s in 0.2 s; m0 would have its 1 mm/s in 0.01 s: it begins 0.19 mm further away
    const seen = (async () => {
      while (slave.times.length === 0) await clock.sleep(0.1);
      await clock.sleep(departure + 0.2 - clock.now());
      const starts = [await m0.readPosition(), await m1.readPosition()];
      await clock.sleep(5);
      return [...starts, await m0.readPosition(), await m1.readPosition()];
    })();
    await clock.run(running);
    const expected = [0, 10, 5, 0];
    for (const [i, position] of (await seen).entries()) expect(position).toBeCloseTo(expected[i] ?? Number.NaN, 9);
    expect([m0.velocity, m1.velocity]).toEqual([2, 2]);
  });

  it("refuses one axis twice", () => {
    const { m0 } = setUp();
    const range = { axis: m0, start: 0, end: 1 };
    expect(() => new TwoMotorMaster(range, range)).toThrow("m0 is given twice: expected two axes");
  });
});

describe("SweepMotorMaster", () => {
  it("sweeps piece by piece, each with its own undershoot, and triggers once", async () => {
    const { clock, motors, m0 } = setUp();
    const moves = watch(motors, clock);
    const slave = new TriggerRecorder();
    await clock.run(scanOf(clock, new SweepMotorMaster(m0, 0, 3, 3, { time: 0.2 }), slave).run());
    expect(moves.map(([, target, velocity]) => [target, velocity])).toEqual([
      [-0.125, 2],
      [1.125, 5],
      [0.875, 2],
      [2.125, 5],
      [1.875, 2],
      [3.125, 5],
    ]);
    expect([slave.times.length, m0.velocity]).toEqual([1, 2]);
  });

  it("refuses a sweep beyond the limits when it is made", () => {
    const { m0 } = setUp();
    expect(() => new SweepMotorMaster(m0, 0, 20, 10)).toThrow(AxisLimitError);
  });

  it.each([0, -1, 1.5, 1e9, Number.NaN])("refuses %d sweeps", (npoints) => {
    expect(() => new SweepMotorMaster(setUp().m0, 0, 1, npoints)).toThrow(`npoints is ${npoints}; expected an integer`);
  });

  it("refuses ends that are none", () => {
    expect(() => new SweepMotorMaster(setUp().m0, 0, Number.NaN, 3)).toThrow(
      "end of m0 is NaN; expected a finite number",
    );
  });
});

describe("JogMotorMaster", () => {
  it("jogs until its function says no more", async () => {
    const { clock, m0 } = setUp();
    const slave = new TriggerRecorder();
    const asked: Axis[] = [];
    const endJogFunc = (axis: Axis): boolean => asked.push(axis) > 0 && axis.position > -4;
    await clock.run(scanOf(clock, new JogMotorMaster(m0, 0, -4, { endJogFunc }), slave).run());
    expect(m0.position).toBeLessThanOrEqual(-4);
    expect(m0.position).toBeGreaterThan(-4.5);
    expect([asked[0], slave.times.length, m0.velocity, m0.isMoving]).toEqual([m0, 1, 2, false]);
  });

  it("begins with an undershoot, and jogs until somebody stops the axis, which ends the scan well", async () => {
    const { clock, m0 } = setUp();
    const scan = scanOf(clock, new JogMotorMaster(m0, 1, 10));
    const running = scan.run();
    const stopped = clock.sleep(2).then(() => m0.stop());
    await clock.run(running);
    await stopped;
    expect([scan.state, m0.isMoving]).toEqual(["DONE", false]);
    expect(m0.position).toBeGreaterThan(10);
  });

  it("stops the axis when the scan is aborted, and when its function throws", async () => {
    const { clock, m0 } = setUp();
    const scan = scanOf(clock, new JogMotorMaster(m0, 0, 5));
    const running = scan.run();
    const aborted = clock.sleep(1).then(() => scan.abort());
    await expect(clock.run(running)).rejects.toThrow();
    await aborted;
    expect([scan.state, m0.isMoving]).toEqual(["USER_ABORTED", false]);
    const endJogFunc = (): boolean => {
      throw new Error("no beam");
    };
    await expect(clock.run(scanOf(clock, new JogMotorMaster(m0, 0, 5, { endJogFunc })).run())).rejects.toThrow(
      "no beam",
    );
    expect(m0.isMoving).toBe(false);
  });

  it("fails when the motor breaks down", async () => {
    const { clock, m0, motors } = setUp();
    const running = scanOf(clock, new JogMotorMaster(m0, 0, 5)).run();
    const broken = clock.sleep(1).then(() => motors.breakDown("m0", "drive overheated"));
    await expect(clock.run(running)).rejects.toThrow("m0 is in fault: drive overheated");
    await broken;
  });

  it("refuses no speed, a start beyond the limits, and a controller that cannot jog", () => {
    const { m0 } = setUp();
    expect(() => new JogMotorMaster(m0, 0, 0)).toThrow("jogSpeed is 0; expected units/s");
    expect(() => new JogMotorMaster(m0, -20, 5)).toThrow(AxisLimitError);
    expect(() => new JogMotorMaster(bareAxis("m2"), 0, 5)).toThrow(AxisUnsupportedError);
  });

  it("refuses a speed that the axis must not have, and a way to it that is none, before anything moves", () => {
    const { m0 } = setUp();
    m0.velocityLimits = [0, 10];
    expect(() => new JogMotorMaster(m0, 0, -15)).toThrow("expected 0 to 10 units/s, its velocityLimits");
    expect(() => new JogMotorMaster(m0, 0, 5, { undershoot: -1 })).toThrow("undershoot is -1; expected a way in units");
  });
});
