import { SimulatedMotorController, simulatedAxis } from "@beamtime/controller-simulation";
import { AcquisitionChain, type LiveValues, memorySettings, Scan, SoftwareTimerMaster } from "@beamtime/core";
import {
  type Axis,
  AxisDisabledError,
  AxisDiscrepancyError,
  AxisGroup,
  AxisUnsupportedError,
  LinearStepTriggerMaster,
} from "@beamtime/motion";
import { describe, expect, it } from "vitest";
import { bareAxis } from "./bare-axis.js";
import { errorOf, twoControllers } from "./two-controllers.js";

type Beamline = Awaited<ReturnType<typeof twoControllers>>;

/** All that moves an axis. */
const motions: Readonly<Record<string, (its: Beamline) => Promise<unknown>>> = {
  move: ({ a }) => a.move(1),
  rmove: ({ a }) => a.rmove(1),
  jog: ({ a }) => a.jog(1),
  home: ({ a }) => a.home(),
  hwLimit: ({ a }) => a.hwLimit(1),
  "a move of a group": ({ a, b }) => new AxisGroup([b, a]).move({ a: 1, b: 1 }),
  "a scan": ({ a, b, clock }) => {
    const chain = new AcquisitionChain();
    const sweeps = [b, a].map((axis) => ({ axis, start: 1, stop: 2 }));
    chain.add(new LinearStepTriggerMaster(2, sweeps), new SoftwareTimerMaster(0.1, { npoints: 2 }));
    return new Scan(chain, { clock }).run();
  },
};
const names = Object.keys(motions);
const begin = (its: Beamline, name: string): Promise<unknown> =>
  motions[name]?.(its) ?? Promise.reject(new Error(name));

/** Nothing has moved, and nothing is left undone. */
async function expectStill({ clock, left, right, a, b }: Beamline, at = 0): Promise<void> {
  await clock.advance(10);
  expect([a.isMoving, b.isMoving, clock.sleepers]).toEqual([false, false, 0]);
  expect([await left.readPosition("a"), await right.readPosition("b")]).toEqual([at, 0]);
}

describe.each(names)("%s", (name) => {
  it("of a disabled axis is refused with why and how to use it again", async () => {
    const its = await twoControllers();
    const { clock, a } = its;
    a.disable("its cable is being changed");
    const error = await clock.run(errorOf(begin(its, name)));
    expect(error).toBeInstanceOf(AxisDisabledError);
    expect(String(error)).toBe(
      "AxisDisabledError: a is disabled: its cable is being changed: call enable() of the axis when that is mended",
    );
    await expectStill(its);
    await clock.run(a.enable());
    await clock.run(begin(its, name));
    await clock.run(a.stop());
  });

  it("of an axis without power is refused, and how to give it some", async () => {
    const its = await twoControllers();
    const { clock, a } = its;
    await clock.run(a.off());
    const error = await clock.run(errorOf(begin(its, name)));
    expect(error).toBeInstanceOf(AxisDisabledError);
    expect(String(error)).toBe("AxisDisabledError: a cannot move: Axis power is off: call on() of the axis");
    await expectStill(its);
    await clock.run(a.on());
    await clock.run(begin(its, name));
    await clock.run(a.stop());
  });

  it("of an axis that is not where it was left is refused with both places, until somebody says which is right", async () => {
    const its = await twoControllers();
    const { clock, left, a } = its;
    await left.startMove([{ address: "a", target: 2000 }]);
    await clock.advance(5);
    for (let tries = 0; tries < 2; tries++) {
      const error = await clock.run(errorOf(begin(its, name)));
      expect(error).toBeInstanceOf(AxisDiscrepancyError);
      expect(error).toMatchObject({ axis: "a", known: 0, found: 2 });
      expect(String(error)).toBe(
        "AxisDiscrepancyError: a was left at dial 0 mm, but its controller says that it is at 2 mm: " +
          "when that is right, call syncHard() of the axis to take it over; else set the controller right with setDial()",
      );
      await expectStill(its, 2000);
    }
    await clock.run(name === "move" ? a.setDial(0) : a.syncHard());
    expect([a.position, a.target]).toEqual(name === "move" ? [0, 0] : [2, 2]);
    await clock.run(begin(its, name));
    await clock.run(a.stop());
  });
});

describe("an axis that is out of use", () => {
  it("tells so for all that asks its controller, and counts no anew", async () => {
    const { clock, a } = await twoControllers();
    a.disable("under repair");
    const requests: readonly ((axis: Axis) => Promise<unknown>)[] = [
      (axis) => axis.readPosition(),
      (axis) => axis.readState(),
      (axis) => axis.setVelocity(2),
      (axis) => axis.setAcceleration(2),
      (axis) => axis.setDial(0),
      (axis) => axis.on(),
      (axis) => axis.off(),
    ];
    for (const request of requests) {
      expect(String(await clock.run(errorOf(request(a))))).toContain(
        "a is disabled: under repair: call enable() of the axis when that is mended",
      );
    }
    expect([a.disabled, a.state.toString()]).toEqual([true, "DISABLED (under repair)"]);
  });

  it("does not take its power away, nor out of use, while it moves", async () => {
    const { clock, a } = await twoControllers();
    const moving = a.move(1);
    await clock.advance(0.5);
    expect(() => a.disable()).toThrow("a is moving: wait for the end of its move (waitMove), or stop it");
    expect(String(await errorOf(a.off()))).toContain("AxisMovingError: a is moving: ");
    await clock.run(moving);
    expect([a.disabled, a.position]).toEqual([false, 1]);
  });

  it("that loses its power on the way ends the move where it stands", async () => {
    const { clock, left, a, b } = await twoControllers();
    const moving = errorOf(new AxisGroup([a, b]).move({ a: 5, b: 5 }));
    await clock.advance(2);
    await left.powerOff("a");
    const error = await clock.run(moving);
    expect(error).toMatchObject({ code: "AXIS_FAULT", axis: "a" });
    expect(String(error)).toMatch(
      /a came to rest at 1\.95 mm instead of 5 mm: OFF \(Axis power is off\): see what holds it up, and move it again/,
    );
    expect([b.isMoving, a.target]).toEqual([false, a.position]);
  });
});

describe("an axis whose controller cannot do something", () => {
  const requests: readonly [string, (axis: Axis) => unknown, string][] = [
    ["jog", (axis) => axis.jog(1), "m cannot jog: its controller bare has no startJog: move() it instead"],
    [
      "home",
      (axis) => axis.home(),
      "m cannot search its home switch: its controller bare has no startHomeSearch: move() it there",
    ],
    [
      "hwLimit",
      (axis) => axis.hwLimit(1),
      "m cannot search its limit switches: its controller bare has no startLimitSearch: move() it there",
    ],
    ["on", (axis) => axis.on(), "m cannot be powered on: its controller bare has no powerOn: switch it on by hand"],
    [
      "off",
      (axis) => axis.off(),
      "m cannot be powered off: its controller bare has no powerOff: switch it off by hand",
    ],
    [
      "setDial",
      (axis) => axis.setDial(1),
      "m cannot be given another dial position (change its offset instead): its controller bare has no setPosition",
    ],
    ["setVelocity", (axis) => axis.setVelocity(1), "m has no velocity to set: its controller bare has no setVelocity"],
    [
      "measuredPosition",
      (axis) => axis.measuredPosition(),
      "m has no encoder that could measure its position: give it one, or read its position",
    ],
  ];
  it.each(requests)("refuses %s, and says what is missing", async (_what, request, message) => {
    const error = await errorOf((async () => request(bareAxis("m")))());
    expect(error).toBeInstanceOf(AxisUnsupportedError);
    expect(error).toMatchObject({ axis: "m", message });
  });
});

describe("an axis that others share", () => {
  it("is not moved when it was moved by hand: what it finds then is no news for the others", async () => {
    const settings = memorySettings();
    const told: string[] = [];
    const live: LiveValues = {
      join: (name) => ({ publish: (value) => void told.push(`${name} ${JSON.stringify(value)}`) }),
    };
    const { clock } = await twoControllers();
    const motors = new SimulatedMotorController({ clock });
    const axis = simulatedAxis({
      name: "m",
      controller: motors,
      settings,
      live,
      clock,
      stepsPerUnit: 1000,
      unit: "mm",
    });
    await clock.run(axis.move(1));
    await clock.run(axis.saved());
    await motors.startMove([{ address: "m", target: 2000 }]);
    await clock.advance(5);
    told.length = 0;
    for (let tries = 0; tries < 2; tries++) {
      const error = await clock.run(errorOf(axis.move(3)));
      expect(error).toBeInstanceOf(AxisDiscrepancyError);
      expect(error).toMatchObject({ known: 1, found: 2 });
      await clock.run(axis.saved());
      expect((await settings.load("axis.m")).get("dial_position")).toBe(1);
    }
    expect(told.filter((text) => text.startsWith("axis.m.dial_position"))).toEqual([]);
    await clock.run(axis.syncHard());
    await clock.run(axis.move(3));
    await clock.run(axis.saved());
    expect((await settings.load("axis.m")).get("dial_position")).toBe(3);
  });
});

describe("an axis that was moved while no process had it", () => {
  it("is not moved after a restart, until somebody says that it is right", async () => {
    const settings = memorySettings();
    const { clock } = await twoControllers();
    const axisOf = (controller: SimulatedMotorController): Axis =>
      simulatedAxis({ name: "kept", controller, settings, clock, stepsPerUnit: 1000, unit: "mm" });
    const first = axisOf(new SimulatedMotorController({ clock }));
    await clock.run(first.move(3));
    await first.saved();
    const motors = new SimulatedMotorController({ clock });
    motors.addMotor("kept", { position: 1500 });
    const second = axisOf(motors);
    const error = await clock.run(errorOf(second.move(0)));
    expect(error).toBeInstanceOf(AxisDiscrepancyError);
    expect(error).toMatchObject({ known: 3, found: 1.5 });
    expect(await motors.readPosition("kept")).toBe(1500);
    await clock.run(second.setDial(3));
    expect([second.position, await motors.readPosition("kept")]).toEqual([3, 3000]);
    await clock.run(second.rmove(1));
    await second.saved();
    const third = new SimulatedMotorController({ clock });
    third.addMotor("kept", { position: 4000 });
    const again = axisOf(third);
    await clock.run(again.move(0)); // it is where it was left
    expect(again.position).toBeCloseTo(0, 9);
  });
});
