import { VirtualClock } from "@beamtime/concurrency";
import { memorySettings } from "@beamtime/core";
import { Axis, AxisDisabledError, AxisFaultError, AxisState, type MotorController } from "@beamtime/motion";
import { expect, it } from "vitest";
import { toldController } from "./told-controller.js";
import { errorOf } from "./two-controllers.js";

it.each([
  [AxisFaultError, "FAULT", "the motor is hot", "m is in fault: the motor is hot: mend that, and move it again"],
  [AxisDisabledError, "DISABLED", "mode TEST", "m cannot move: mode TEST: mend that at its controller"],
] as const)("%o: nothing is started as long as the controller says %s", async (kind, flag, why, text) => {
  const clock = new VirtualClock();
  const { axis, told, enter } = await toldController(clock);
  enter(new AxisState([[flag, why]]));
  const error = await clock.run(errorOf(axis.move(1)));
  expect(error).toBeInstanceOf(kind);
  expect(error).toMatchObject({ axis: "m", message: text });
  expect([told.starts, axis.isMoving]).toEqual([0, false]);
  enter(AxisState.ready);
  await clock.run(axis.move(1));
  expect(axis.position).toBe(1);
});

it("an axis that is ready again moves, whatever ended its last motion", async () => {
  const clock = new VirtualClock();
  const { axis, told, enter } = await toldController(clock, {
    startMove: async ([motion]) => {
      told.state = AxisState.ready;
      told.position = motion?.target ?? Number.NaN;
    },
  });
  enter(new AxisState(["READY", ["FAULT", "it did not settle in time"]]));
  await clock.run(axis.move(1));
  expect(axis.position).toBe(1);
});

it("what the controller refuses as velocity or acceleration is not set, and the axis moves on as before", async () => {
  const clock = new VirtualClock();
  const has = { velocity: 1, acceleration: 10 };
  const set = (what: keyof typeof has) => async (_address: string, value: number) => {
    if (value > 50) throw new Error(`${what} out of range`);
    has[what] = value;
  };
  const { axis } = await toldController(clock, {
    setVelocity: set("velocity"),
    readVelocity: async () => has.velocity,
    setAcceleration: set("acceleration"),
    readAcceleration: async () => has.acceleration,
  });
  expect(String(await errorOf(axis.setVelocity(100)))).toBe("Error: velocity out of range");
  expect(String(await errorOf(axis.setAcceleration(100)))).toBe("Error: acceleration out of range");
  expect([axis.velocity, axis.acceleration]).toEqual([1, 10]);
  await clock.run(axis.move(1));
  expect([axis.position, has]).toEqual([1, { velocity: 1, acceleration: 10 }]);
});

it("an axis of 1 step per unit arrives at the nearest step of a controller that has whole steps", async () => {
  const clock = new VirtualClock();
  const { axis, told } = await toldController(clock, {
    hasWholeSteps: true,
    startMove: async ([motion]) => {
      told.position = Math.round(motion?.target ?? Number.NaN);
    },
  });
  await clock.run(axis.move(5.4));
  expect([axis.position, axis.target]).toEqual([5, 5.4]);
  await clock.run(axis.rmove(0.4)); // from where it was sent
  expect(axis.position).toBe(6);
});

it("a velocity that was kept, but that the controller refuses, is replaced by one that is set before the axis is enabled", async () => {
  const clock = new VirtualClock();
  const settings = memorySettings();
  const controller: MotorController = {
    name: "slow",
    readPosition: async () => 0,
    readState: async () => AxisState.ready,
    startMove: async () => {},
    stop: async () => {},
    setVelocity: async (_address, velocity) => {
      if (velocity > 50) throw new Error("velocity out of range");
    },
  };
  const options = { name: "m", controller, clock, settings, velocity: 1 };
  const before = new Axis(options);
  await clock.run(before.initialize());
  before.velocity = 100;
  await clock.run(before.saved());
  const axis = new Axis(options);
  expect(String(await clock.run(errorOf(axis.initialize())))).toBe("Error: velocity out of range");
  expect([axis.disabled, axis.velocity]).toEqual([true, 100]);
  axis.velocity = 2;
  await clock.run(axis.enable());
  await clock.run(axis.saved());
  expect([axis.velocity, axis.state.has("READY")]).toEqual([2, true]);
  expect((await settings.load("axis.m")).get("velocity")).toBe(2);
});

it.each([
  [Number.NaN, "NaN"],
  [undefined, "undefined"],
  ["12", '"12"'],
])(
  "an axis whose controller says that it is at %s does not move, and stays where it was known to be",
  async (answer, told) => {
    const clock = new VirtualClock();
    let isWrong = false;
    let moves = 0;
    const { axis } = await toldController(clock, {
      readPosition: async () => (isWrong ? (answer as number) : 0), // what a driver may get wrong
      startMove: async () => {
        moves += 1;
      },
    });
    isWrong = true;
    const error = await errorOf(clock.run(axis.move(1)));
    expect(error).toBeInstanceOf(AxisFaultError);
    expect(String(error)).toContain(`says that it is at ${told}: expected a number of steps`);
    expect([axis.position, moves]).toEqual([0, 0]);
  },
);
