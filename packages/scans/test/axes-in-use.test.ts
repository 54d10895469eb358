import { SimulatedCounterCard } from "@beamtime/controller-simulation";
import { DeviceInUseError } from "@beamtime/core";
import { AxisGroup, AxisMovingError, rockit } from "@beamtime/motion";
import { beforeEach, describe, expect, it } from "vitest";
import { errorOf, type FaultyBeamline, faultyBeamline } from "./faulty-beamline.js";

let its: FaultyBeamline;
/** What has been started, in steps. */
let starts: string[];
beforeEach(async () => {
  its = await faultyBeamline();
  starts = [];
  for (const controller of [its.left, its.right]) {
    const startMove = controller.startMove.bind(controller);
    controller.startMove = (motions, options) => {
      starts.push(motions.map(({ address, target }) => `${address} ${target}`).join(", "));
      return startMove(motions, options);
    };
  }
});

const movingText = (axis: string, by?: string): string =>
  `AxisMovingError: ${axis} is ${by ? `moved by ${by}` : "moving"}: ` +
  "wait for the end of its move (waitMove), or stop it, before moving it again";

describe("a scan of an axis that another scan has", () => {
  it.each(["ascan", "contScan"] as const)(
    "is refused as %s: it names that scan, moves nothing, and the other one goes on",
    async (kind) => {
      const { clock, x, y, ascan, contScan, scans } = its;
      const running = clock.run(ascan(x, 0, 4, 4, 0.5));
      await clock.advance(0.7);
      const before = starts.length;
      const refused = kind === "ascan" ? ascan(x, -3, -2, 1, 0.1) : contScan(x, -3, -2, 3, 1);
      const error = await errorOf(refused);
      expect(error).toBeInstanceOf(DeviceInUseError);
      expect(String(error)).toBe(
        "DeviceInUseError: x is in use by the scan ascan x 0.0000 4.0000 4 0.5 of this session: " +
          "wait for the end of that scan, or stop it, then run this one again",
      );
      expect(starts.length).toBe(before);
      await running;
      expect([scans[0]?.state, Array.from(scans[0]?.getData("x") as Float64Array)]).toEqual(["DONE", [0, 1, 2, 3, 4]]);
      expect(y.position).toBe(0);
      await clock.run(ascan(x, -3, -2, 1, 0.1));
    },
  );

  it("is refused where only one of its axes is wanted, and frees the others", async () => {
    const { clock, x, y, ascan, a2scan, scans } = its;
    const card = new SimulatedCounterCard({ name: "card", clock }).addInput({ name: "monitor", rate: 100 });
    const running = clock.run(ascan(x, 0, 4, 4, 0.5));
    await clock.advance(0.7);
    expect(await errorOf(a2scan(y, 0, 1, x, 0, 1, 1, 0.1))).toMatchObject({ code: "DEVICE_IN_USE", devices: ["x"] });
    const other = ascan(y, 0, 1, 1, 0.1, card);
    await running;
    await other;
    expect(scans.map(({ state }) => state)).toEqual(["DONE", "KILLED", "DONE"]);
  });
});

describe("a move of an axis that a scan moves", () => {
  it("is refused with the name of the scan, alone and in a group; the scan goes on", async () => {
    const { clock, x, y, z, contScan, values } = its;
    await clock.run(x.move(-4.05));
    const running = contScan(x, -4, 4, 9, 4);
    await clock.advance(1.9);
    const before = starts.length;
    const scan = "the scan contscan x -4.0000 4.0000 9 4";
    const refusals = [
      () => x.move(0),
      () => x.rmove(1),
      () => x.jog(1),
      () => x.home(),
      () => x.hwLimit(1),
      () => new AxisGroup([y, x, z]).move({ x: 0, y: 1, z: 1 }),
      () => rockit(x, 0.1, () => {}),
    ];
    for (const refused of refusals) {
      const error = await clock.run(errorOf(refused()));
      expect(error).toBeInstanceOf(AxisMovingError);
      expect(String(error)).toBe(movingText("x", scan));
      await clock.advance(0.01);
    }
    for (const change of [() => (x.position = 0), () => (x.offset = 1), () => (x.sign = -1), () => x.disable()]) {
      expect(change).toThrow(movingText("x", scan).replace("AxisMovingError: ", ""));
    }
    for (const refused of [() => x.off(), () => x.setDial(0), () => x.syncHard()]) {
      expect(String(await errorOf(refused()))).toBe(movingText("x", scan));
    }
    expect([starts.length, y.position, z.position]).toEqual([before, 0, 0]);
    await clock.run(running);
    expect(values("x")).toEqual([-4, -3, -2, -1, 0, 1, 2, 3, 4]);
    expect([x.disabled, x.offset, x.sign]).toEqual([false, 0, 1]);
  });

  it("is allowed between two points, as presets and watchdogs do it", async () => {
    const { clock, x, ascan, values } = its;
    const running = ascan(x, 0, 2, 2, 5);
    await clock.advance(1);
    expect([x.isMoving, await clock.run(errorOf(x.move(0.5)))]).toEqual([false, undefined]);
    await clock.run(running);
    expect(values("x")).toEqual([0, 1, 2]);
  });
});

describe("a scan of an axis that a move has", () => {
  it.each(["ascan", "dscan", "contScan", "amesh"] as const)("is refused as %s, and the move goes on", async (kind) => {
    const { clock, x, y, z, ascan, dscan, contScan, amesh, scans } = its;
    const moving = errorOf(x.move(5));
    await clock.advance(0.5);
    const calls = {
      ascan: () => ascan(x, 0, 1, 1, 0.1),
      dscan: () => dscan(x, -1, 1, 1, 0.1),
      contScan: () => contScan(x, 0, 1, 2, 1),
      amesh: () => amesh(y, 0, 1, 1, x, 0, 1, 1, 0.1),
    };
    const error = await errorOf(calls[kind]());
    expect(String(error)).toBe(movingText("x"));
    expect(await clock.run(moving)).toBeUndefined();
    expect([x.position, y.position, z.position]).toEqual([expect.closeTo(5, 9), 0, 0]);
    expect(starts).toEqual(["x 5000"]);
    expect(scans.map(({ state }) => state)).toEqual(["KILLED"]);
    await clock.run(calls[kind]());
  });

  it("names the other axes of that move", async () => {
    const { clock, x, y, z, ascan } = its;
    const moving = new AxisGroup([x, z]).move({ x: 5, z: 5 });
    await clock.advance(0.5);
    expect(String(await errorOf(ascan(z, 0, 1, 1, 0.1)))).toBe(movingText("z", "a move of x, z"));
    expect(String(await errorOf(new AxisGroup([y, z]).rmove({ y: 1, z: 1 })))).toBe(movingText("z", "a move of x, z"));
    await clock.run(moving);
    expect([x.position, y.position, z.position]).toEqual([expect.closeTo(5, 9), 0, expect.closeTo(5, 9)]);
    expect(starts.toSorted()).toEqual(["x 5000", "z 5000"]);
  });

  it("is refused for another axis of it, and the move goes on", async () => {
    const { clock, x, y, a2scan } = its;
    const moving = errorOf(x.move(5));
    await clock.advance(0.5);
    y.disable("under repair");
    expect(await errorOf(a2scan(y, 0, 1, x, 0, 1, 1, 0.1))).toMatchObject({ code: "AXIS_DISABLED", axis: "y" });
    expect(await clock.run(moving)).toBeUndefined();
    expect(x.position).toBeCloseTo(5, 9);
  });
});

describe("a scan of an axis that somebody moves by hand", () => {
  it.each(["ascan", "contScan"] as const)("is refused as %s, and the motion goes on", async (kind) => {
    const { clock, left, x, ascan, contScan } = its;
    await left.startMove([{ address: "x", target: 5000 }]);
    await clock.advance(0.5);
    const error = await clock.run(errorOf(kind === "ascan" ? ascan(x, 0, 1, 1, 0.1) : contScan(x, 0, 1, 2, 1)));
    expect(error).toBeInstanceOf(AxisMovingError);
    expect(String(error)).toBe(movingText("x", "somebody else"));
    await clock.advance(5);
    expect(await left.readPosition("x")).toBe(5000);
  });
});
