import { VirtualClock } from "@beamtime/concurrency";
import { memorySettings } from "@beamtime/core";
import { AxisFaultError } from "@beamtime/motion";
import { describe, expect, it } from "vitest";
import type { SimulatedMotorOptions } from "./simulated-motor.js";
import { SimulatedMotorController, type SimulatedMotorControllerOptions } from "./simulated-motor-controller.js";
import type { MotorCall } from "./simulated-motor-faults.js";
import type { TriggerPulse } from "./trigger-line.js";

/** A motor `m` of 100 steps/s and 1000 steps/s²: it reaches its velocity in 0.1 s and 5 steps. */
async function setUp(motor: SimulatedMotorOptions = {}, options: SimulatedMotorControllerOptions = {}) {
  const clock = new VirtualClock();
  const controller = new SimulatedMotorController({ clock, addresses: [], ...options });
  controller.addMotor("m", motor);
  await controller.setVelocity("m", 100);
  await controller.setAcceleration("m", 1000);
  const flags = async (): Promise<string[]> =>
    [...(await controller.readState("m")).toString().matchAll(/\w+(?= \()/g)].map(String);
  return { clock, controller, flags };
}

describe("the end switches of a simulated motor", () => {
  it("stop it dead, at the time it reaches them", async () => {
    const { clock, controller, flags } = await setUp({ limits: [-50, 50] });
    await controller.startMove([{ address: "m", target: 1000 }]);
    const hit = 0.1 + (50 - 5) / 100;
    await clock.advance(hit - 1e-6);
    expect(await flags()).toEqual(["MOVING"]);
    await clock.advance(2e-6);
    expect([await controller.readPosition("m"), await flags()]).toEqual([50, ["READY", "LIMPOS"]]);
    await controller.startMove([{ address: "m", target: 60 }]);
    expect(await flags()).toEqual(["READY", "LIMPOS"]);
    await controller.startMove([{ address: "m", target: 40 }]);
    await clock.advance(1);
    expect([await controller.readPosition("m"), await flags()]).toEqual([40, ["READY"]]);
  });

  it("are found by a search on either side, stay where they are when steps are counted anew, and stop a jog", async () => {
    const { clock, controller, flags } = await setUp({ limits: [-50, 80] });
    await controller.startLimitSearch("m", -1);
    await clock.advance(2);
    expect([await controller.readPosition("m"), await flags()]).toEqual([-50, ["READY", "LIMNEG"]]);
    expect(await controller.setPosition("m", 1000)).toBe(1000);
    expect(await flags()).toEqual(["READY", "LIMNEG"]);
    await controller.startLimitSearch("m", 1);
    await clock.advance(2);
    expect([await controller.readPosition("m"), await flags()]).toEqual([1130, ["READY", "LIMPOS"]]);
    await controller.startJog("m", -20);
    await clock.advance(10);
    expect([await controller.readPosition("m"), await flags()]).toEqual([1000, ["READY", "LIMNEG"]]);
  });

  it("cannot be searched where there are none", async () => {
    const { controller } = await setUp({ limits: [0, Number.POSITIVE_INFINITY] });
    await expect(controller.startLimitSearch("m", 1)).rejects.toThrow("m has no end switch there");
    await expect(controller.startHomeSearch("m", 1)).rejects.toThrow("m has no home switch");
  });
});

describe("the home switch of a simulated motor", () => {
  it.each([
    ["from below", 0, 1],
    ["from above", 70, -1],
    ["the wrong way, turning round at the end switch", 70, 1],
  ] as const)("is found %s", async (_from, position, direction) => {
    const { clock, controller, flags } = await setUp({ position, limits: [-100, 100], home: 30 });
    await controller.startHomeSearch("m", direction);
    expect(await flags()).toEqual(["MOVING"]);
    await clock.advance(5);
    expect([await controller.readPosition("m"), await flags()]).toEqual([30, ["READY", "HOME"]]);
    await controller.startMove([{ address: "m", target: 29 }]);
    await clock.advance(1);
    expect(await flags()).toEqual(["READY"]);
  });
});

describe("a jog of a simulated motor", () => {
  it("begins with a ramp, goes on, changes its velocity in flight, and ends with a ramp", async () => {
    const { clock, controller, flags } = await setUp();
    const position = (): Promise<number> => controller.readPosition("m");
    await controller.startJog("m", 50);
    await clock.advance(0.05);
    expect(await position()).toBeCloseTo(1.25, 9);
    await clock.advance(100);
    expect(await position()).toBeCloseTo(1.25 + 5000, 6);
    await controller.startJog("m", -50);
    await clock.advance(0.1);
    expect(await position()).toBeCloseTo(1.25 + 5000, 6);
    await clock.advance(1);
    expect(await position()).toBeCloseTo(1.25 + 4950, 6);
    await controller.stop(["m"]);
    await clock.advance(0.05);
    expect(await flags()).toEqual(["READY"]);
    expect(await position()).toBeCloseTo(1.25 + 4950 - 1.25, 6);
  });

  it("does not begin in a move, nor a move in a jog", async () => {
    const { controller } = await setUp();
    await controller.startMove([{ address: "m", target: 100 }]);
    await expect(controller.startJog("m", 1)).rejects.toThrow("m is moving already");
    controller.addMotor("n");
    await controller.startJog("n", 1);
    await expect(controller.startMove([{ address: "n", target: 0 }])).rejects.toThrow(AxisFaultError);
  });
});

it("a simulated motor without power stands, is OFF and refuses to move", async () => {
  const { clock, controller, flags } = await setUp();
  await controller.startMove([{ address: "m", target: 100 }]);
  await clock.advance(0.5);
  await controller.powerOff("m");
  const standing = await controller.readPosition("m");
  expect([standing, await flags()]).toEqual([45, ["OFF"]]);
  await expect(controller.startMove([{ address: "m", target: 0 }])).rejects.toThrow(
    "m has no power: switch it on first",
  );
  await clock.advance(1);
  expect(await controller.readPosition("m")).toBe(standing);
  await controller.powerOn("m");
  await controller.startMove([{ address: "m", target: 0 }]);
  expect(await flags()).toEqual(["MOVING"]);
});

describe("an encoder of a simulated motor", () => {
  it("measures in its own steps what the motor drives, whatever the motor counts", async () => {
    const { clock, controller } = await setUp();
    controller.addEncoder("enc", { motor: "m", stepsPerStep: -5, offset: 7 });
    expect(await controller.readEncoder("enc")).toBe(7);
    await controller.startMove([{ address: "m", target: 100 }]);
    await clock.advance(0.6);
    expect(await controller.readEncoder("enc")).toBeCloseTo(7 - 5 * 55, 6);
    await clock.advance(1);
    await controller.setPosition("m", 0);
    expect(await controller.readEncoder("enc")).toBe(7 - 500);
    expect(await controller.readEncoder("m")).toBe(100);
    await controller.setEncoder("enc", 0);
    expect(await controller.readEncoder("enc")).toBe(0);
    controller.loseSteps("m", 3);
    expect(await controller.readEncoder("enc")).toBe(15);
  });

  it("sees the play of the mechanics when the motor turns round, also unobserved", async () => {
    const { clock, controller } = await setUp({ play: 2 });
    const go = async (target: number): Promise<number> => {
      await controller.startMove([{ address: "m", target }]);
      await clock.advance(5);
      return controller.readEncoder("m");
    };
    expect(await go(10)).toBe(9);
    expect(await go(9)).toBe(9);
    expect(await go(5)).toBe(6);
    expect(await go(100)).toBe(99);
    await controller.startJog("m", 100);
    await clock.advance(1);
    await controller.startJog("m", -10);
    await clock.advance(30);
    await controller.stop(["m"]);
    await clock.advance(1);
    expect(await controller.readEncoder("m")).toBeCloseTo((await controller.readPosition("m")) + 1, 9);
  });

  it("has noise that is the same in every run", async () => {
    const readings = async (): Promise<number[]> => {
      const { controller } = await setUp();
      controller.addEncoder("enc", { motor: "m", noise: 0.5 });
      return Promise.all(Array.from({ length: 2000 }, () => controller.readEncoder("enc")));
    };
    const values = await readings();
    expect(await readings()).toEqual(values);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const width = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    expect(Math.abs(mean)).toBeLessThan(0.05);
    expect(Math.abs(width - 0.5)).toBeLessThan(0.05);
  });
});

describe("the triggers of a simulated motor", () => {
  async function armed(motor: SimulatedMotorOptions = {}) {
    const all = await setUp(motor);
    const pulses: TriggerPulse[] = [];
    all.controller.triggerLine("m").onPulse((pulse) => void pulses.push(pulse));
    return { ...all, times: (): number[] => pulses.map(({ time }) => time) };
  }

  it("come when the positions are passed, upwards and downwards, with one timer", async () => {
    const { clock, controller, times } = await armed();
    await controller.armTriggers("m", { start: 10, step: 10, count: 5 });
    expect(clock.sleepers).toBe(0);
    await controller.startMove([{ address: "m", target: 100 }]);
    await clock.advance(0);
    expect(clock.sleepers).toBe(1);
    await clock.advance(2);
    expect(times().map((time) => Math.round(time * 1e9) / 1e9)).toEqual([0.15, 0.25, 0.35, 0.45, 0.55]);
    expect(clock.sleepers).toBe(0);
    await controller.armTriggers("m", { start: 90, step: -40, count: 10 });
    await controller.startMove([{ address: "m", target: 0 }]);
    await clock.advance(2);
    expect(
      times()
        .slice(5)
        .map((time) => Math.round(time * 1e9) / 1e9),
    ).toEqual([2.15, 2.55, 2.95]);
  });

  it("come at the ends of a motion too, and not on the way back", async () => {
    const { clock, controller, times } = await armed();
    await controller.armTriggers("m", { start: 0, step: 50, count: 4 });
    await controller.startMove([{ address: "m", target: 100 }]);
    await clock.advance(2);
    expect(times()).toEqual([0, expect.closeTo(0.55, 9), expect.closeTo(1.1, 9)]);
    await controller.startMove([{ address: "m", target: 0 }]);
    await clock.advance(2);
    expect(times()).toHaveLength(3);
    await controller.startMove([{ address: "m", target: 200 }]);
    await clock.advance(5);
    expect(times()).toHaveLength(4);
  });

  it("do not drift in ten thousand periods of a jog", async () => {
    const { clock, controller, times } = await armed();
    await controller.armTriggers("m", { start: 100, step: 0.1, count: 10_000 });
    await controller.startJog("m", 100);
    await clock.advance(12);
    expect(times()).toHaveLength(10_000);
    const late = times().map((time, k) => Math.abs(time - (0.1 + (100 + k * 0.1 - 5) / 100)));
    expect(Math.max(...late)).toBeLessThan(1e-9);
  });

  it("end with the motion, when it is stopped, and when they are disarmed", async () => {
    const { clock, controller, times } = await armed();
    await controller.armTriggers("m", { start: 10, step: 10, count: 5 });
    await controller.startMove([{ address: "m", target: 100 }]);
    await clock.advance(0.26);
    await controller.stop(["m"]);
    await clock.advance(1);
    expect(times()).toHaveLength(2);
    expect(clock.sleepers).toBe(0);
    await controller.startMove([{ address: "m", target: 100 }]);
    await clock.advance(0.2);
    expect(times()).toHaveLength(4);
    await controller.armTriggers("m", undefined);
    await clock.advance(1);
    expect(times()).toHaveLength(4);
    expect(clock.sleepers).toBe(0);
  });

  it("follow the count of the controller, and go on when an end of the line fails", async () => {
    const warnings: string[] = [];
    const { clock, controller } = await setUp({}, { name: "sim", onWarning: (message) => void warnings.push(message) });
    const line = controller.triggerLine("m");
    line.onPulse(() => {
      throw new Error("unplugged");
    });
    await controller.setPosition("m", 1000);
    await controller.armTriggers("m", { start: 1010, step: 10, count: 2 });
    await controller.startMove([{ address: "m", target: 1100 }]);
    await clock.advance(2);
    expect(line.count).toBe(2);
    expect(warnings).toEqual(Array(2).fill("a pulse of sim:m:trigger was not taken: unplugged"));
  });

  it("leave nothing behind when the controller is disposed of", async () => {
    const { clock, controller } = await armed();
    await controller.armTriggers("m", { start: 10, step: 10, count: 5 });
    await controller.startMove([{ address: "m", target: 100 }]);
    await clock.advance(0);
    await controller[Symbol.asyncDispose]();
    expect(clock.sleepers).toBe(0);
  });
});

describe("on demand, a simulated controller", () => {
  const calls: Record<MotorCall, (controller: SimulatedMotorController, signal?: AbortSignal) => Promise<unknown>> = {
    initializeAxis: (controller, signal) => controller.initializeAxis("m", { signal }),
    readPosition: (controller, signal) => controller.readPosition("m", { signal }),
    readState: (controller, signal) => controller.readState("m", { signal }),
    startMove: (controller, signal) => controller.startMove([{ address: "m", target: 1 }], { signal }),
    stop: (controller, signal) => controller.stop(["m"], { signal }),
    setPosition: (controller, signal) => controller.setPosition("m", 1, { signal }),
    setVelocity: (controller, signal) => controller.setVelocity("m", 1, { signal }),
    readVelocity: (controller, signal) => controller.readVelocity("m", { signal }),
    setAcceleration: (controller, signal) => controller.setAcceleration("m", 1, { signal }),
    readAcceleration: (controller, signal) => controller.readAcceleration("m", { signal }),
    startJog: (controller, signal) => controller.startJog("m", 1, { signal }),
    startHomeSearch: (controller, signal) => controller.startHomeSearch("m", 1, { signal }),
    startLimitSearch: (controller, signal) => controller.startLimitSearch("m", 1, { signal }),
    powerOn: (controller, signal) => controller.powerOn("m", { signal }),
    powerOff: (controller, signal) => controller.powerOff("m", { signal }),
    readEncoder: (controller, signal) => controller.readEncoder("m", { signal }),
    setEncoder: (controller, signal) => controller.setEncoder("m", 1, { signal }),
    armTriggers: (controller, signal) => controller.armTriggers("m", undefined, { signal }),
    rawCommand: (controller, signal) => controller.rawCommand("?VER", { signal }),
    describeAxis: (controller, signal) => controller.describeAxis("m", { signal }),
    forget: (controller, signal) => controller.forget("m", { signal }),
  };
  const names = Object.keys(calls) as MotorCall[]; // its keys are no others

  it.each(names)("fails once, or does not answer, in %s", async (name) => {
    const { controller } = await setUp({ limits: [-10, 10], home: 5 });
    const call = calls[name];
    controller.failNext(name, new Error("no answer"));
    await expect(call(controller)).rejects.toThrow("no answer");
    const answerAgain = controller.hang(name);
    const user = new AbortController();
    const aborted = call(controller, user.signal);
    user.abort(new Error("enough"));
    await expect(aborted).rejects.toThrow("enough");
    const waiting = call(controller);
    answerAgain();
    await waiting;
  });

  it("takes seconds to stop", async () => {
    const { clock, controller, flags } = await setUp();
    controller.slowStop(3);
    await controller.startMove([{ address: "m", target: 1000 }]);
    await clock.advance(1);
    await controller.stop(["m"]);
    await clock.advance(2.999);
    expect(await flags()).toEqual(["MOVING"]);
    await clock.advance(0.002);
    expect([await controller.readPosition("m"), await flags()]).toEqual([expect.closeTo(95 + 150, 6), ["READY"]]);
  });
});

it("a simulated controller with given addresses has no others", async () => {
  const controller = new SimulatedMotorController({ name: "sim", addresses: ["a", "b"] });
  const message = "sim has no motor c: expected one of a, b";
  await expect(controller.initializeAxis("c")).rejects.toThrow(message);
  await expect(
    controller.startMove([
      { address: "a", target: 1 },
      { address: "c", target: 1 },
    ]),
  ).rejects.toThrow(message);
  expect(await controller.readPosition("a")).toBe(0);
  expect((await controller.readState("a")).has("MOVING")).toBe(false);
  await expect(controller.setVelocity("a", 0)).rejects.toThrow("velocity of a is 0; expected a positive number");
  await expect(controller.startMove([{ address: "a", target: Number.NaN }])).rejects.toThrow("target of a is NaN");
});

describe("a simulated motor with settings", () => {
  const name = "motor_mockup:m:hw_position";

  it("is, once it is told to forget, where another process has moved it", async () => {
    const settings = memorySettings();
    const { controller, flags } = await setUp({}, { settings });
    await controller.initializeAxis("m");
    await settings.saveValue(name, 42);
    expect(await controller.readPosition("m")).toBe(0);
    await controller.forget("m");
    expect([await controller.readPosition("m"), await controller.readEncoder("m"), await flags()]).toEqual([
      42,
      42,
      ["READY"],
    ]);
  });

  it("is kept where its move will end, and in a jog where it was within half a second", async () => {
    const settings = memorySettings();
    const { clock, controller } = await setUp({}, { settings });
    const kept = async (): Promise<unknown> => {
      await controller.saved();
      return settings.loadValue(name);
    };
    await controller.initializeAxis("m");
    await controller.startMove([{ address: "m", target: 100 }]);
    expect(await kept()).toBe(100);
    await clock.advance(0.5);
    await controller.stop(["m"]);
    expect(await kept()).toBe(50);
    await clock.advance(1);
    await controller.startJog("m", 10);
    for (let polled = 0; polled < 10; polled += 0.1) {
      await clock.advance(0.1);
      const position = await controller.readPosition("m");
      expect(Math.abs(position - Number(await kept()))).toBeLessThanOrEqual(0.5 * 10 + 1e-9);
    }
    await controller.stop(["m"]);
    await clock.advance(1);
    expect(await kept()).toBe(await controller.readPosition("m"));
  });
});
