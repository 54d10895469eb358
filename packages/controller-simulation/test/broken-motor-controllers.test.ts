import { VirtualClock, within } from "@beamtime/concurrency";
import type { MotorController } from "@beamtime/motion";
import { ConformanceError, checkMotorController, motorControllerChecks } from "@beamtime/motion/testing";
import { describe, expect, it } from "vitest";
import { SimulatedMotorController } from "../src/simulated-motor-controller.js";
import { type Defect, motorDefects } from "./motor-defects.js";

function optionsOf(defect: Defect) {
  const clock = new VirtualClock();
  let motors = new SimulatedMotorController();
  return {
    create(): MotorController {
      const made = new SimulatedMotorController({ clock, addresses: [], latency: 0.001 });
      for (const address of ["a", "b"]) made.addMotor(address, { limits: [-100, 500], home: 120 });
      motors = made;
      const changes = defect(made, clock);
      return new Proxy(made, {
        get(target, key) {
          const value: unknown = Reflect.has(changes, key) ? Reflect.get(changes, key) : Reflect.get(target, key);
          if (typeof value !== "function") return value;
          return (...args: unknown[]): unknown => Reflect.apply(value, target, args);
        },
      });
    },
    addresses: ["a", "b"],
    range: [0, 400],
    velocity: 1000,
    acceleration: 20_000,
    clock,
    unknownAddress: "c",
    command: "?VER",
    onPulse: (_controller: MotorController, address: string, listener: () => void) =>
      motors.triggerLine(address).onPulse(listener),
    silence() {
      const ways = (["readPosition", "readState", "startMove", "stop"] as const).map((call) => motors.hang(call));
      return () => {
        for (const way of ways) way();
      };
    },
  } as const;
}

describe("the checks of motor controllers find one that", () => {
  const cases = Object.entries(motorDefects).flatMap(([name, list]) =>
    list.map(([what, defect, message]) => ({ name, what, defect, message })),
  );

  it.each(cases)("$what: $name", async ({ name, defect, message }) => {
    const check = motorControllerChecks(optionsOf(defect)).find((one) => one.name === name);
    const error = await check?.run().then(
      () => undefined,
      (failure: unknown) => failure,
    );
    expect(error).toBeInstanceOf(ConformanceError);
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
    expect(error).toMatchObject({ message: expect.stringContaining(`(${name}: `) });
  });

  it("mistakes the silence of its hardware", async () => {
    const options = optionsOf((motors, clock) => ({
      readPosition(address, call) {
        const late = (): Error => new TypeError("undefined is no position");
        return within(0.1, motors.readPosition(address, call), { clock, late });
      },
    }));
    const check = motorControllerChecks(options).find(({ name }) => name.endsWith("when the hardware is silent"));
    await expect(check?.run()).rejects.toThrow(
      "ended with: undefined is no position; expected an AxisTimeoutError, or",
    );
  });

  it("each of them, by its name", () => {
    const checks = motorControllerChecks(optionsOf(() => ({})));
    expect(checks.map(({ name }) => name)).toEqual(Object.keys(motorDefects));
    expect(new Set(checks.map(({ expects }) => expects)).size).toBe(checks.length);
  });
});

it("skips what a controller lacks, and says what that is", async () => {
  const options = optionsOf(() => ({
    startJog: undefined,
    startHomeSearch: undefined,
    powerOff: undefined,
    readEncoder: undefined,
    describeAxis: undefined,
  }));
  const reports = await checkMotorController({
    ...options,
    addresses: ["a"],
    silence: undefined,
    onPulse: undefined,
    leaveOut: { "mixes no moves": "the granite would not like it" },
  });
  expect(reports.filter(({ status }) => status === "failed")).toEqual([]);
  const skipped = reports.flatMap(({ name, status, reason }) => (status === "skipped" ? [`${name}: ${reason}`] : []));
  expect(skipped).toMatchInlineSnapshot(`
    [
      "mixes no moves: the granite would not like it",
      "keeps its axes apart: the option addresses gives one address, and two are needed",
      "moves two axes together: the option addresses gives one address, and two are needed",
      "stops two axes at once: the option addresses gives one address, and two are needed",
      "starts all of a group, or none: the option addresses gives one address, and two are needed",
      "jogs both ways until it is stopped: the controller lacks the capability jog",
      "finds its home switch: the controller lacks the capability homeSearch",
      "refuses to move without power: the controller lacks the capability power",
      "measures with its encoder: the controller lacks the capability encoder",
      "sets its encoder: the controller lacks the capability encoder",
      "sends its triggers: the option onPulse does not tell how pulses are heard",
      "ends a call with its signal: the option silence does not tell how hardware goes silent",
      "describes an axis: the controller has no describeAxis",
      "as axes: move together, and stop together: the option addresses gives one address, and two are needed",
      "as an axis: jogs until it is stopped: the controller lacks the capability jog",
      "as an axis: finds its switches: the controller lacks the capability homeSearch",
      "as an axis: does not move without power: the controller lacks the capability power",
      "as an axis: is confirmed by its encoder: the controller lacks the capability encoder",
      "as an axis: says when the hardware is silent: the option silence does not tell how hardware goes silent",
    ]
  `);
});

it("refuses to check what it could not judge", () => {
  const options = optionsOf(() => ({}));
  expect(() => motorControllerChecks({ ...options, range: [1, 1] })).toThrow("range 1 to 1");
  expect(() => motorControllerChecks({ ...options, acceleration: 10 })).toThrow("expected a quarter of the range");
});
