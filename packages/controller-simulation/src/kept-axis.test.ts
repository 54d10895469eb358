import { readFileSync } from "node:fs";
import { VirtualClock } from "@beamtime/concurrency";
import { memorySettings, type SettingsStore } from "@beamtime/core";
import { AxisMovingError } from "@beamtime/motion";
import { describe, expect, it } from "vitest";
import { type SimulatedAxisOptions, simulatedAxis } from "./simulated-axis.js";
import { SimulatedMotorController } from "./simulated-motor-controller.js";

/** A process of its own: nothing is shared with others but the store. */
async function setUp(
  settings: SettingsStore,
  options: Partial<SimulatedAxisOptions> & { onWarning?: (message: string) => void } = {},
) {
  const clock = new VirtualClock();
  const { onWarning } = options;
  const controller = new SimulatedMotorController({ clock, settings, onWarning });
  const axis = simulatedAxis({
    ...{ name: "mx", stepsPerUnit: 1000, velocity: 50, acceleration: 300, lowLimit: -50, highLimit: 50 },
    ...options,
    controller,
    settings,
    clock,
  });
  await axis.initialize();
  const end = async (): Promise<void> => {
    await axis.saved();
    await controller.saved();
  };
  return { clock, axis, controller, end };
}

const vectors = JSON.parse(
  readFileSync(new URL("../../../tooling/vectors/beacon-settings.json", import.meta.url), "utf8"),
) as { readonly scan_saving: { readonly axis: { readonly "axis.mx": { readonly value: Record<string, string> } } } };

describe("an axis with settings", () => {
  it("keeps the fields that BLISS keeps", async () => {
    const settings = memorySettings();
    const { end } = await setUp(settings);
    await end();
    const texts = Array.from(await settings.load("axis.mx"), ([field, value]) => [
      field,
      typeof value === "number" && Number.isInteger(value) ? `${value}.0` : String(value),
    ]);
    expect(Object.fromEntries(texts)).toEqual(vectors.scan_saving.axis["axis.mx"].value);
  });

  it("is after a restart where it was, counts as it did, and moves as it did", async () => {
    const settings = memorySettings();
    const first = await setUp(settings);
    await first.axis.setVelocity(20);
    await first.axis.setAcceleration(100);
    first.axis.backlash = 0.5;
    await first.clock.run(first.axis.move(4));
    first.axis.sign = -1;
    first.axis.position = 10;
    first.axis.limits = [0, 30];
    await first.end();

    const { axis } = await setUp(settings);
    expect(axis).toMatchObject({ position: 10, dial: 4, sign: -1, offset: 14, velocity: 20, acceleration: 100 });
    expect(axis).toMatchObject({ backlash: 0.5, limits: [0, 30] });
    await axis.applyConfig();
    expect(axis).toMatchObject({
      position: 18,
      sign: 1,
      velocity: 50,
      acceleration: 300,
      backlash: 0,
      limits: [-36, 64],
    });
  });

  it("tells the store where it is at the end of each move, also of one that was stopped", async () => {
    const settings = memorySettings();
    const { axis, clock, end } = await setUp(settings);
    const kept = async (): Promise<unknown[]> => {
      await end();
      const fields = await settings.load("axis.mx");
      return ["position", "dial_position", "_set_position"].map((field) => fields.get(field));
    };
    axis.position = 1;
    await clock.run(axis.move(5));
    expect(await kept()).toEqual([5, 4, 5]);
    const move = Promise.allSettled([axis.move(40)]);
    await clock.advance(0.3);
    await clock.run(axis.stop());
    await clock.run(move);
    expect(axis.position).toBeLessThan(40);
    expect(await kept()).toEqual([axis.position, axis.position - 1, axis.position]);
    expect(await settings.loadValue("motor_mockup:mx:hw_position")).toBeCloseTo(axis.dial * 1000, 6);
  });

  it("saves while it moves on, one save at a time, the newest last", async () => {
    const store = memorySettings();
    const waiting: (() => void)[] = [];
    const saved: unknown[] = [];
    let isSlow = false;
    const { axis, clock, end } = await setUp({
      ...store,
      save: async (owner, field, value) => {
        if (field === "position") saved.push(value);
        if (isSlow) await new Promise<void>((resolve) => void waiting.push(resolve));
        await store.save(owner, field, value);
      },
    });
    await end();
    isSlow = true;
    saved.length = 0;
    for (const position of [1, 2, 3, 4]) await clock.run(axis.move(position));
    expect(saved).toEqual([1]);
    isSlow = false;
    for (const resume of waiting) resume();
    await end();
    expect(saved).toEqual([1, 4]);
    expect((await store.load("axis.mx")).get("position")).toBe(4);
  });

  it("works on when the store fails, says so once, and saves again what it could not", async () => {
    const store = memorySettings();
    const warnings: string[] = [];
    let isBroken = true;
    const failing = async (): Promise<never> => {
      throw new Error("no connection");
    };
    const { axis, clock, end } = await setUp(
      {
        load: (owner) => (isBroken ? failing() : store.load(owner)),
        save: (owner, field, value) => (isBroken ? failing() : store.save(owner, field, value)),
        loadValue: (name) => (isBroken ? failing() : store.loadValue(name)),
        saveValue: (name, value) => (isBroken ? failing() : store.saveValue(name, value)),
      },
      { onWarning: (message) => void warnings.push(message) },
    );
    await clock.run(axis.move(1));
    await clock.run(axis.move(2));
    await end();
    expect(axis).toMatchObject({ position: 2, velocity: 50 });
    expect(warnings.toSorted()).toEqual([
      "the settings of axis.mx cannot be read: no connection",
      "the settings of motor_mockup:mx cannot be read: no connection",
    ]);
    isBroken = false;
    await clock.run(axis.move(3));
    await end();
    expect(Object.fromEntries(await store.load("axis.mx"))).toMatchObject({ position: 3, velocity: 50, sign: "1" });
    expect(await store.loadValue("motor_mockup:mx:hw_position")).toBe(3000);
  });

  it("leaves alone what another process has changed meanwhile", async () => {
    const settings = memorySettings();
    const { axis, clock, end } = await setUp(settings);
    await end();
    await settings.save("axis.mx", "velocity", 7);
    await clock.run(axis.move(1));
    await end();
    expect((await settings.load("axis.mx")).get("velocity")).toBe(7);
  });

  it("stands for the user where it stood when its steps are counted anew", async () => {
    const settings = memorySettings();
    const first = await setUp(settings, { lowLimit: -10, highLimit: 20 });
    await first.clock.run(first.axis.move(4));
    await first.end();
    const { axis } = await setUp(settings, { stepsPerUnit: -2000 });
    expect(axis).toMatchObject({ position: 4, dial: -2, offset: 6, limits: [-14, 16] });
  });

  it("has the limits of a reversed axis as BLISS keeps them: the user's low limit first, though it is the higher one on the dial", async () => {
    const settings = memorySettings();
    const kept = { sign: -1, offset: 3, low_limit: 6, high_limit: -17, velocity_low_limit: "inf" };
    for (const [field, value] of Object.entries(kept)) await settings.save("axis.mx", field, value);
    const { axis, end } = await setUp(settings);
    expect(axis).toMatchObject({ limits: [-3, 20], dialLimits: [-17, 6] });
    expect(axis.velocityLimits).toEqual([0, Number.POSITIVE_INFINITY]); // BLISS's way to have none
    axis.limits = [-1, 8];
    await end();
    const fields = await settings.load("axis.mx");
    expect([fields.get("low_limit"), fields.get("high_limit")]).toEqual([4, -5]);
    axis.dialLimits = [-4, 4];
    expect(axis.limits).toEqual([-1, 7]);
  });

  it("takes no setting that makes no sense", async () => {
    const settings = memorySettings();
    for (const [field, value] of Object.entries({
      velocity: -1,
      acceleration: "fast",
      sign: 2,
      offset: "inf",
      low_limit: 60,
    }))
      await settings.save("axis.mx", field, value);
    await settings.save("axis.mx", "high_limit", "None");
    const { axis } = await setUp(settings);
    expect(axis).toMatchObject({ velocity: 50, acceleration: 300, sign: 1, offset: 0, limits: [-50, 50] });
  });
});

describe("counting positions anew", () => {
  it("moves nothing: a position changes the offset, a sign the positions, a dial the hardware", async () => {
    const { axis, controller } = await setUp(memorySettings());
    const seen: number[] = [];
    axis.onPosition((position) => void seen.push(position));
    axis.position = 3;
    expect(axis).toMatchObject({ position: 3, dial: 0, offset: 3, target: 3, limits: [-47, 53] });
    await axis.setDial(5);
    expect(axis).toMatchObject({ position: 3, dial: 5, offset: -2, target: 3 });
    expect(await controller.readPosition("mx")).toBe(5000);
    axis.sign = -1;
    expect(axis).toMatchObject({ position: -7, dial: 5, offset: -2, target: -7 });
    expect(seen).toEqual([3, -7]);
  });

  it("is refused while the axis moves, before it is known, and with numbers that make no sense", async () => {
    const { axis, clock } = await setUp(memorySettings());
    const move = axis.move(1);
    expect(() => {
      axis.position = 0;
    }).toThrow(AxisMovingError);
    await expect(axis.setDial(0)).rejects.toThrow(AxisMovingError);
    await clock.run(move);
    expect(() => {
      axis.offset = Number.NaN;
    }).toThrow("offset of mx is NaN; expected a finite number");
    const unknown = simulatedAxis({ name: "my" });
    expect(() => {
      unknown.position = 1;
    }).toThrow("position of my cannot be set before initialize()");
  });

  it("of the dial is refused where the controller cannot", async () => {
    const controller = new SimulatedMotorController();
    Object.defineProperty(controller, "setPosition", { value: undefined });
    const axis = simulatedAxis({ name: "mx", controller });
    await expect(axis.setDial(1)).rejects.toThrow("its controller simulation has no setPosition");
  });
});
