import { VirtualClock } from "@beamtime/concurrency";
import { SimulatedMotorController, simulatedAxis } from "@beamtime/controller-simulation";
import { AcquisitionChain, type AcquisitionMaster, Scan, ScanAbort } from "@beamtime/core";
import {
  type Axis,
  AxisLimitError,
  AxisStoppedError,
  AxisUnsupportedError,
  Encoder,
  HardwarePositionTriggerMaster,
  LinearStepTriggerMaster,
  type MotorController,
  SoftwarePositionTriggerMaster,
} from "@beamtime/motion";
import { describe, expect, it } from "vitest";
import { bareAxis } from "./bare-axis.js";
import { TriggerRecorder } from "./trigger-recorder.js";

interface Move {
  /** When it began, s. */
  readonly at: number;
  readonly to: number;
  readonly velocity: number;
}

/** The seed's axis, 100 mm/s², at first at 0 mm and 2 mm/s, and what its controller was told. */
function setUp({ latency = 0, ...options }: { latency?: number; backlash?: number; stepsPerUnit?: number } = {}) {
  const clock = new VirtualClock();
  const moves: Move[] = [];
  const { stepsPerUnit = 1 } = options;
  const motors = new (class extends SimulatedMotorController {
    override async startMove(...args: Parameters<MotorController["startMove"]>): Promise<void> {
      await super.startMove(...args);
      const [{ address, target } = { address: "m0", target: Number.NaN }] = args[0];
      const velocity = (await super.readVelocity(address)) / Math.abs(stepsPerUnit);
      moves.push({ at: clock.now(), to: target / stepsPerUnit, velocity });
    }
  })({ clock, latency });
  const encoder = new Encoder({ name: "m0enc", controller: motors, address: "m0", stepsPerUnit, clock });
  const dynamics = { velocity: 2, acceleration: 100, velocityHighLimit: 50 };
  const range = { lowLimit: -20, highLimit: 20, unit: "mm" };
  const m0 = simulatedAxis({ name: "m0", controller: motors, clock, encoder, ...dynamics, ...range, ...options });
  return { clock, m0, motors, moves };
}

async function run(clock: VirtualClock, master: AcquisitionMaster, slave = new TriggerRecorder()) {
  const chain = new AcquisitionChain();
  chain.add(master, slave);
  const scan = new Scan(chain, { clock });
  await clock.run(scan.run());
  return { scan, slave, positions: Array.from(scan.getData("m0") as Float64Array) }; // scalars
}

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 9);
}

const ten = Array.from({ length: 10 }, (_, i) => 5 + (i * 5) / 9);

describe("SoftwarePositionTriggerMaster", () => {
  it("moves as the tutorial says: from 4.99 to 10.56 at velocity 1, ten triggers, both ends included", async () => {
    const { clock, m0, moves } = setUp();
    const { slave, positions, scan } = await run(clock, new SoftwarePositionTriggerMaster(m0, 5, 10, 10, { time: 5 }));
    expectClose(
      moves.map(({ to }) => to),
      [4.995, 10 + 5 / 9 + 0.005],
    );
    expect(moves.map(({ velocity }) => velocity)).toEqual([2, 1]);
    const departure = moves[1]?.at ?? Number.NaN;
    expectClose(
      slave.times.map((time) => time - departure),
      ten.map((position) => 0.01 + position - 5),
    );
    expectClose(positions, ten);
    expectClose([clock.now() - departure], [5 + 5 / 9 + 0.02]);
    expect(m0.velocity).toBe(2);
    expect([scan.state, scan.scanInfo["channels"]]).toMatchObject([
      "DONE",
      { "axis:m0": { start: 5, stop: 10, points: 10, unit: "mm" } },
    ]);
  });

  it("triggers where the axis really is", async () => {
    const { clock, m0 } = setUp();
    const chain = new AcquisitionChain();
    const seen: Promise<number>[] = [];
    const slave = new (class extends TriggerRecorder {
      override trigger(): Promise<void> {
        seen.push(m0.readPosition());
        return Promise.resolve();
      }
    })();
    chain.add(new SoftwarePositionTriggerMaster(m0, 5, -5, 11, { time: 0.5, undershootStartMargin: 0.3 }), slave);
    await clock.run(new Scan(chain, { clock }).run());
    expectClose(await Promise.all(seen), [5, 4, 3, 2, 1, 0, -1, -2, -3, -4, -5]);
  });

  it("leaves out the end on request, and then goes no step further", async () => {
    const { clock, m0, moves } = setUp();
    const master = new SoftwarePositionTriggerMaster(m0, 5, 10, 10, { time: 5, points: "exclusive" });
    const { positions, slave } = await run(clock, master);
    expectClose(
      moves.map(({ to }) => to),
      [4.995, 10.005],
    );
    expectClose(positions, [5, 5.5, 6, 6.5, 7, 7.5, 8, 8.5, 9, 9.5]);
    expect((slave.times[9] ?? 0) - (moves[1]?.at ?? 0)).toBeCloseTo(4.51, 9);
    expect(clock.now() - (moves[1]?.at ?? 0)).toBeCloseTo(5.02, 9);
  });

  it("goes downwards the same way, whichever way the steps count", async () => {
    const { clock, m0, moves } = setUp({ stepsPerUnit: -2000 });
    const { positions, slave } = await run(clock, new SoftwarePositionTriggerMaster(m0, 10, 5, 10, { time: 5 }));
    expectClose(
      moves.map(({ to }) => to),
      [10.005, 5 - 5 / 9 - 0.005],
    );
    expectClose(
      positions,
      [...ten].reverse().map((position, i) => (i === 9 ? 5 : position)),
    );
    expect((slave.times[0] ?? 0) - (moves[1]?.at ?? 0)).toBeCloseTo(0.01, 9);
    expect((slave.times[9] ?? 0) - (slave.times[0] ?? 0)).toBeCloseTo(5, 9);
  });

  it("keeps the velocity of the axis without a time, and takes margins into account", async () => {
    const { clock, m0, moves } = setUp();
    const options = { undershoot: 1, undershootStartMargin: 0.5, undershootEndMargin: 0.25 };
    const { slave } = await run(clock, new SoftwarePositionTriggerMaster(m0, 0, 4, 5, options));
    expect(moves.map(({ to, velocity }) => [to, velocity])).toEqual([
      [-1.5, 2],
      [6.25, 2],
    ]);
    const departure = moves[1]?.at ?? Number.NaN;
    // t = v/(2a) + (undershoot + margin + distance)/v
    expectClose(
      slave.times.map((time) => time - departure),
      [0, 1, 2, 3, 4].map((distance) => 0.01 + (1.5 + distance) / 2),
    );
  });

  it("is right also where the undershoot is too short for the velocity", async () => {
    const { clock, m0, moves } = setUp();
    const { slave } = await run(clock, new SoftwarePositionTriggerMaster(m0, 0, 2, 3, { time: 0.1, undershoot: 0.5 }));
    const departure = moves[1]?.at ?? Number.NaN;
    // 20 mm/s are reached after 2 mm: the first two are passed while the axis accelerates, the last while it decelerates
    const peak = Math.sqrt(100 * 4);
    expectClose(
      slave.times.map((time) => time - departure),
      [Math.sqrt(0.01), Math.sqrt(0.03), (2 * peak) / 100 - Math.sqrt(0.03)],
    );
  });

  it("makes one run for each of several starts, with the step of the first", async () => {
    const { clock, m0, moves } = setUp();
    const master = new SoftwarePositionTriggerMaster(m0, [0, 4, 0], 2, 5, { time: 2 });
    const { positions, slave } = await run(clock, master);
    expectClose(positions, [0, 1, 2, 3, 4, 4, 3, 2, 1, 0, 0, 1, 2]);
    expect([master.npoints, slave.times.length]).toEqual([13, 13]);
    expectClose(
      moves.map(({ to }) => to),
      [-0.02, 5.02, 4.02, -1.02, -0.02, 3.02],
    );
    expect(new SoftwarePositionTriggerMaster(m0, [0, 10], 14, 5, { points: "exclusive" }).npoints).toBe(7);
  });

  it("goes back and forth below a master", async () => {
    const { clock, m0, moves } = setUp();
    const slow = simulatedAxis({ name: "slow", clock });
    const chain = new AcquisitionChain();
    const fast = new SoftwarePositionTriggerMaster(m0, 0, 2, 3, { time: 1, backnforth: true });
    const slave = new TriggerRecorder();
    chain.add(new LinearStepTriggerMaster(3, [{ axis: slow, start: 0, stop: 1 }]), fast);
    chain.add(fast, slave);
    const scan = new Scan(chain, { clock });
    await clock.run(scan.run());
    expect(Array.from(scan.getData("m0") as Float64Array)).toEqual([0, 1, 2, 2, 1, 0, 0, 1, 2]);
    expectClose(
      moves.map(({ to }) => to),
      [-0.02, 3.02, 2.02, -1.02, -0.02, 3.02],
    );
    expect(m0.velocity).toBe(2);
  });

  it("takes one point as lasting from start to end", async () => {
    const { clock, m0, moves } = setUp();
    const { positions } = await run(clock, new SoftwarePositionTriggerMaster(m0, 0, 2, 1, { time: 1 }));
    expect(positions).toEqual([0]);
    expectClose([moves[1]?.to ?? Number.NaN], [2.02]);
  });

  it("does not drift: the last of 10,000 triggers is as exact as the first", async () => {
    const { clock, m0, moves } = setUp();
    const { slave } = await run(clock, new SoftwarePositionTriggerMaster(m0, 0, 10, 10_001, { time: 10 }));
    const departure = moves[1]?.at ?? Number.NaN;
    const lateness = slave.times.map((time, i) => time - departure - 0.01 - i * 0.001);
    expect(Math.max(...lateness.map(Math.abs))).toBeLessThan(1e-9);
  });

  it("counts from when the axis reports that it moves, and is late with a slow controller by no more", async () => {
    const { clock, m0, moves } = setUp({ latency: 0.05 });
    const { slave } = await run(clock, new SoftwarePositionTriggerMaster(m0, 0, 2, 3, { time: 1 }));
    const told = moves[1]?.at ?? Number.NaN; // after the answer to the question for the velocity
    expect(Math.abs((slave.times[0] ?? 0) - told)).toBeLessThan(0.06);
    expectClose(
      slave.times.map((time) => time - (slave.times[0] ?? 0)),
      [0, 0.5, 1],
    );
  });

  it("stops the axis and fails the scan when a slave is still busy", async () => {
    const { clock, m0 } = setUp();
    const master = new SoftwarePositionTriggerMaster(m0, 5, 10, 10, { time: 5 });
    const slave = new TriggerRecorder({ busyTime: 0.6 });
    await expect(run(clock, master, slave)).rejects.toThrow(
      "axis: Aborted due to bad triggering on slaves: [recorder]. They were not ready for the next trigger",
    );
    expect(slave.times).toHaveLength(1);
    expect(m0.position).toBeCloseTo(5 + 5 / 9 + 0.005, 9); // it was stopped at the second point
    expect([m0.velocity, m0.isMoving]).toEqual([2, false]);
  });

  it("stops the axis in flight when the scan is aborted, and gives it back its velocity", async () => {
    const { clock, m0, motors } = setUp();
    const chain = new AcquisitionChain();
    const slave = new TriggerRecorder();
    chain.add(new SoftwarePositionTriggerMaster(m0, 5, 10, 10, { time: 5 }), slave);
    const scan = new Scan(chain, { clock });
    const running = scan.run();
    running.catch(() => {}); // awaited below, after time has passed
    await clock.advance(4.5);
    const triggers = slave.times.length;
    scan.abort();
    await expect(clock.run(running)).rejects.toBeInstanceOf(ScanAbort);
    await clock.advance(10);
    expect(triggers).toBeGreaterThan(1);
    expect(slave.times).toHaveLength(triggers);
    expect(m0.position).toBeGreaterThan(5);
    expect(m0.position).toBeLessThan(10);
    expect(m0.position).toBe(await motors.readPosition("m0"));
    expect([m0.velocity, await motors.readVelocity("m0")]).toEqual([2, 2]);
  });

  it("fails with the scan when somebody stops the axis, and triggers no more", async () => {
    const { clock, m0 } = setUp();
    const slave = new TriggerRecorder();
    const running = run(clock, new SoftwarePositionTriggerMaster(m0, 5, 10, 10, { time: 5 }), slave);
    const stopping = clock.sleep(4).then(() => m0.stop());
    await expect(running).rejects.toBeInstanceOf(AxisStoppedError);
    await stopping;
    const { length } = slave.times;
    expect(length).toBeLessThan(10);
    await clock.advance(10);
    expect(slave.times).toHaveLength(length);
    expect(m0.velocity).toBe(2);
  });

  it("gives back the velocity also when the motor breaks down", async () => {
    const { clock, m0, motors } = setUp();
    const running = run(clock, new SoftwarePositionTriggerMaster(m0, 5, 10, 10, { time: 5 }));
    const broken = clock.sleep(4).then(() => motors.breakDown("m0", "drive overheated"));
    await expect(running).rejects.toThrow("m0 is in fault: drive overheated");
    await broken;
    expect([m0.velocity, await motors.readVelocity("m0")]).toEqual([2, 2]);
  });

  const bad: [string, (m0: Axis) => unknown, string | typeof AxisLimitError][] = [
    ["a way beyond the limits", (m0) => new SoftwarePositionTriggerMaster(m0, 0, 21, 5), AxisLimitError],
    ["limits that only the last step leaves", (m0) => new SoftwarePositionTriggerMaster(m0, 0, 19, 5), AxisLimitError],
    [
      "limits that only the undershoot leaves",
      (m0) => new SoftwarePositionTriggerMaster(m0, -20, 0, 5),
      AxisLimitError,
    ],
    [
      "a velocity that the axis must not have",
      (m0) => new SoftwarePositionTriggerMaster(m0, 0, 10, 5, { time: 0.1 }),
      "m0 would go from 0 to 10 mm in 0.1 s, at 100 mm/s; expected 0 to 50 mm/s, its velocityLimits: 0.2 s or more",
    ],
    ["no way", (m0) => new SoftwarePositionTriggerMaster(m0, 3, 3, 5), "start and end of m0 are both 3"],
    ["no point", (m0) => new SoftwarePositionTriggerMaster(m0, 0, 3, 0), "npoints is 0; expected an integer from 1"],
    ["no start", (m0) => new SoftwarePositionTriggerMaster(m0, [], 3, 2), "start is an empty list"],
    ["NaN", (m0) => new SoftwarePositionTriggerMaster(m0, Number.NaN, 3, 2), "start of m0 is NaN; expected a finite"],
    [
      "a negative time",
      (m0) => new SoftwarePositionTriggerMaster(m0, 0, 3, 2, { time: -1 }),
      "time is -1; expected seconds",
    ],
    [
      "a negative undershoot",
      (m0) => new SoftwarePositionTriggerMaster(m0, 0, 3, 2, { undershoot: -1 }),
      "undershoot is -1; expected a way in units of the axis, 0 or more",
    ],
    [
      "several starts back and forth",
      (m0) => new SoftwarePositionTriggerMaster(m0, [0, 1], 2, 2, { backnforth: true }),
      "backnforth is true with several starts",
    ],
  ];
  for (const [what, make, expected] of bad) {
    it(`refuses ${what} when it is made`, () => {
      expect(() => make(setUp().m0)).toThrow(expected);
    });
  }

  it("refuses a time for a controller that has no velocity to set, and no time for one that tells none", () => {
    const make = (time: number) => new SoftwarePositionTriggerMaster(bareAxis("m1"), 0, 3, 2, { time });
    expect(() => make(3)).toThrow("the controller bare of m1 cannot set a velocity: expected time 0");
    expect(() => make(0)).toThrow("the velocity of m1 is not known: expected a time, or initialize() before");
  });

  it("refuses limits that only the backlash leaves", () => {
    const { m0 } = setUp({ backlash: 2 });
    expect(() => new SoftwarePositionTriggerMaster(m0, 0, -17.5, 8, { time: 10 })).toThrow(AxisLimitError);
    expect(() => new SoftwarePositionTriggerMaster(m0, 0, 17, 18, { time: 10 })).not.toThrow();
  });
});

describe("HardwarePositionTriggerMaster", () => {
  it("has a pulse sent at each position, and disarms the output", async () => {
    const { clock, m0, motors, moves } = setUp({ stepsPerUnit: -2000 });
    const pulses: number[] = [];
    motors.triggerLine("m0").onPulse(({ time }) => pulses.push(time));
    const slave = new TriggerRecorder({ triggerType: "hardware" });
    const { positions } = await run(clock, new HardwarePositionTriggerMaster(m0, 5, 10, 10, { time: 5 }), slave);
    const departure = moves[1]?.at ?? Number.NaN;
    expectClose(
      pulses.map((time) => time - departure),
      ten.map((position) => 0.01 + position - 5),
    );
    expectClose(positions, ten);
    expect(slave.times).toEqual([]);
    await clock.run(m0.move(0));
    expect(pulses).toHaveLength(10);
  });

  it("tells what the encoder measures, on request", async () => {
    const { clock, m0, motors } = setUp();
    motors.loseSteps("m0", 0.25);
    const options = { time: 4, positions: "encoder" } as const;
    const { positions } = await run(clock, new HardwarePositionTriggerMaster(m0, 0, 4, 5, options));
    expectClose(positions, [-0.25, 0.75, 1.75, 2.75, 3.75]);
  });

  it("triggers slaves of type software at the same time", async () => {
    const { clock, m0, motors } = setUp();
    const pulses: number[] = [];
    motors.triggerLine("m0").onPulse(({ time }) => pulses.push(time));
    const { slave } = await run(clock, new HardwarePositionTriggerMaster(m0, 0, 4, 5, { time: 4 }));
    expectClose(slave.times, pulses);
  });

  it("disarms also when the scan fails", async () => {
    const { clock, m0, motors } = setUp();
    const slave = new TriggerRecorder({ busyTime: 1.5 });
    const master = new HardwarePositionTriggerMaster(m0, 0, 4, 5, { time: 4 });
    await expect(run(clock, master, slave)).rejects.toThrow("bad triggering");
    const { count } = motors.triggerLine("m0");
    await clock.run(m0.move(-1));
    await clock.run(m0.move(10));
    expect(motors.triggerLine("m0").count).toBe(count);
  });

  it("refuses a controller that sends no pulses, and an axis without encoder", () => {
    const { clock } = setUp();
    expect(() => new HardwarePositionTriggerMaster(bareAxis("m1"), 0, 1, 2)).toThrow(AxisUnsupportedError);
    const blind = simulatedAxis({ name: "m2", clock });
    expect(() => new HardwarePositionTriggerMaster(blind, 0, 1, 2, { positions: "encoder" })).toThrow(
      "positions is 'encoder', but m2 has none",
    );
  });
});
