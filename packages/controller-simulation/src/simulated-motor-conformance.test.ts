import { type Clock, systemClock, VirtualClock } from "@beamtime/concurrency";
import { type MotorControllerCheckOptions, motorControllerChecks } from "@beamtime/motion/testing";
import { describe, expect, it } from "vitest";
import { SimulatedMotorController, type SimulatedMotorControllerOptions } from "./simulated-motor-controller.js";

function optionsOf(clock: Clock, options: SimulatedMotorControllerOptions = {}): MotorControllerCheckOptions {
  return {
    create() {
      const controller = new SimulatedMotorController({ ...options, clock, addresses: [] });
      for (const address of ["a", "b"]) controller.addMotor(address, { limits: [-100, 500], home: 120, play: 0.5 });
      controller.addEncoder("enc", { motor: "a", stepsPerStep: -4, offset: 17, noise: 0.1 });
      return controller;
    },
    addresses: ["a", "b"],
    range: [0, 400],
    velocity: 1000,
    acceleration: 20_000,
    clock,
    unknownAddress: "c",
    encoder: { address: "enc", stepsPerStep: -4, tolerance: 5 },
    command: "?VER",
    onPulse: (controller, address, listener) => simulated(controller).triggerLine(address).onPulse(listener),
    silence(controller) {
      const calls = ["readPosition", "readState", "startMove", "stop"] as const;
      const ways = calls.map((call) => simulated(controller).hang(call));
      return () => {
        for (const way of ways) way();
      };
    },
  };
}

function simulated(controller: object): SimulatedMotorController {
  if (controller instanceof SimulatedMotorController) return controller;
  throw new TypeError("not the controller of these checks");
}

describe.each([
  ["the virtual clock", () => optionsOf(new VirtualClock())],
  ["the virtual clock, with calls that take time", () => optionsOf(new VirtualClock(), { latency: 0.001 })],
  ["the virtual clock, with calls that take as long as motions", () => optionsOf(new VirtualClock(), { latency: 0.1 })],
] as const)("the simulated motor controller on %s", (_clock, options) => {
  for (const check of motorControllerChecks(options())) {
    it(check.name, async (test) => {
      expect(await check.run({ signal: test.signal })).toEqual({ status: "passed" }); // it lacks nothing
    });
  }
});

describe("the simulated motor controller on the system's clock", () => {
  for (const check of motorControllerChecks(optionsOf(systemClock))) {
    it.concurrent(check.name, async (test) => {
      expect(await check.run({ signal: test.signal })).toEqual({ status: "passed" }); // it lacks nothing
    });
  }
});
