import { VirtualClock } from "@beamtime/concurrency";
import { SimulatedMotorController, simulatedAxis, simulatedDiode } from "@beamtime/controller-simulation";
import { memoryScanSaving, Scan } from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import { Axis, AxisGroup, AxisMovingError, AxisOnLimitError, moveTogether } from "@beamtime/motion";
import { createScanCommands } from "@beamtime/scans";
import { describe, expect, it } from "vitest";
import { Slits } from "../src/index.js";
import { outcomeOf, virtualSlits } from "./virtual-slits.js";

/** Slits whose front blade has its end switch at 3 mm, though its limits allow 10 mm. */
async function shortSlits() {
  const clock = new VirtualClock();
  const motors = new SimulatedMotorController({ name: "motors", clock });
  motors.addMotor("front", { limits: [-3000, 3000] });
  const blade = { controller: motors, clock, unit: "mm", lowLimit: -10, highLimit: 10, stepsPerUnit: 1000 };
  const [front, back] = [simulatedAxis({ ...blade, name: "front" }), simulatedAxis({ ...blade, name: "back" })];
  const names = { hgap: "hg", hoffset: "ho" };
  const slits = new Slits({ name: "s1", type: "horizontal", reals: { front, back }, names });
  const hg = new Axis({ name: "hg", address: "hgap", controller: slits, clock, unit: "mm" });
  await clock.run(hg.initialize());
  return { clock, motors, front, back, slits, hg };
}

describe("an end switch of a real axis", () => {
  it("ends the move of the calculated axis, names the real one and its switch, and stops the others", async () => {
    const { clock, motors, front, back, hg } = await shortSlits();
    await clock.run(back.move(-2));
    const error = await clock.run(outcomeOf(hg.move(16)));
    expect(error).toBeInstanceOf(AxisOnLimitError);
    expect(error).toMatchObject({ axis: "front", position: 3, target: 9, switches: ["LIMPOS"] });
    expect([hg.isMoving, front.isMoving, back.isMoving]).toEqual([false, false, false]);
    expect(back.position).toBeLessThan(4);
    expect(hg.position).toBeCloseTo(front.position + back.position, 9);
    expect([await motors.readPosition("front"), await motors.readPosition("back")]).toEqual([
      3000,
      back.position * 1000,
    ]);
    expect(hg.state.toString()).toBe("READY (Axis is READY) | LIMPOS (Hardware high limit active)");
    await clock.run(hg.move(0));
    expect(hg.position).toBeCloseTo(0, 9);
  });

  it("fails a scan of the calculated axis, whose points until then are kept", async () => {
    const { clock, hg, front, back } = await shortSlits();
    const scans: Scan[] = [];
    const { ascan } = createScanCommands({
      newScan(chain, options) {
        const scan = new Scan(chain, { ...options, clock, scanSaving: memoryScanSaving() });
        scans.push(scan);
        return scan;
      },
      defaultCounters: () => [simulatedDiode({ name: "diode", clock, constant: 42 })],
    });
    const error = await clock.run(outcomeOf(ascan(hg, 0, 8, 4, 0.1).then(() => {})));
    expect(error).toMatchObject({ code: "AXIS_ON_LIMIT", axis: "front", target: 4 });
    const rounded = Array.from(scans[0]?.getData("hg") as Float64Array, Math.round); // scalars come so
    expect([scans[0]?.state, rounded]).toEqual(["KILLED", [0, 2, 4, 6]]);
    expect([front.isMoving, back.isMoving]).toEqual([false, false]);
  });
});

describe("calculated axes and their real ones in one move", () => {
  it("are refused before anything moves", async () => {
    const { clock, front, back, slits, hg, ho } = await virtualSlits();
    const other = new Slits({ name: "s2", type: "horizontal", reals: { front, back } });
    const gap = new Axis({ name: "gap", address: "hgap", controller: other, clock });
    await clock.run(gap.initialize());
    const help = "expected axes that move independently: move one after the other";
    const cases: readonly [readonly Axis[], string][] = [
      [[hg, front], `hg and front both move front: ${help}`],
      [[back, hg], `back and hg both move back: ${help}`],
      [[hg, gap], `hg and gap both move front: ${help}`],
    ];
    for (const [axes, message] of cases) {
      const error = await clock.run(outcomeOf(new AxisGroup(axes).rmove(axes.map((axis) => [axis, 1] as const))));
      expect(error).toBeInstanceOf(ArgumentError);
      expect(error).toMatchObject({ message });
    }
    expect([front.position, back.position, front.isMoving, slits.name]).toEqual([0, 0, false, "s1"]);
    await clock.run(
      moveTogether([
        [hg, 2],
        [ho, 1],
      ]),
    );
    expect([front.position, back.position]).toEqual([2, 0]);
  });
});

describe("a real axis that the calculated one moves", () => {
  it("is not moved by somebody else meanwhile, and the move goes on", async () => {
    const { clock, front, hg } = await virtualSlits();
    const moving = outcomeOf(hg.move(20));
    await clock.advance(0.5);
    const error = await clock.run(outcomeOf(front.move(0)));
    expect(error).toBeInstanceOf(AxisMovingError);
    expect(String(error)).toContain("front is moved by a move of front, back: wait for the end of its move (waitMove)");
    expect(await clock.run(moving)).toBe("arrived");
    expect(hg.position).toBe(20);
  });
});
