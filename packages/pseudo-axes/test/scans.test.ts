import { simulatedDiode } from "@beamtime/controller-simulation";
import { memoryScanSaving, Scan, ScanRecorder } from "@beamtime/core";
import { Axis, LinearStepTriggerMaster } from "@beamtime/motion";
import { createScanCommands } from "@beamtime/scans";
import { beforeEach, describe, expect, it } from "vitest";
import { Slits } from "../src/index.js";
import { outcomeOf, type VirtualSlits, virtualSlits } from "./virtual-slits.js";

let its: VirtualSlits;
beforeEach(async () => {
  its = await virtualSlits();
});

function commands({ clock }: VirtualSlits) {
  const diode = simulatedDiode({ name: "diode", clock, constant: 42 });
  const recorder = new ScanRecorder();
  const scanSaving = memoryScanSaving();
  return createScanCommands({
    newScan: (chain, options) => new Scan(chain, { ...options, clock, scanSaving, sinks: [recorder] }),
    defaultCounters: () => [diode],
  });
}

const rounded = (values: unknown): number[] =>
  [...(values as Float64Array)].map((value) => Math.round(value * 1e6) / 1e6); // scalars come as Float64Array

describe("a scan of a calculated axis", () => {
  it("has the real axes in its data, after the axis", async () => {
    const { clock, hg, front, back } = its;
    const scan = await clock.run(commands(its).ascan(hg, 0, 4, 2, 0.1));
    expect(rounded(scan.getData(hg))).toEqual([0, 2, 4]);
    expect(rounded(scan.getData(front))).toEqual([0, 1, 2]);
    expect(rounded(scan.getData(back))).toEqual([0, 1, 2]);
    const { acquisition_chain: chain, channels } = scan.scanInfo as Record<string, Record<string, unknown>>;
    expect(chain).toMatchObject({ axis: { master: { scalars: ["axis:hg", "axis:front", "axis:back"] } } });
    expect(channels).toMatchObject({ "axis:hg": { start: 0, stop: 4 }, "axis:front": { unit: "mm" } });
  });

  it("leaves them out when the controller wants it so, and otherwise asks them no more often", async () => {
    const { clock, motors, front, back, hg } = its;
    const slits = new Slits({ name: "s2", type: "horizontal", reals: { front, back }, emitRealPosition: false });
    const gap = new Axis({ name: "gap", address: "hgap", controller: slits, clock });
    await clock.run(gap.initialize());
    let reads = 0;
    const readPosition = motors.readPosition.bind(motors);
    motors.readPosition = (...args) => {
      reads++;
      return readPosition(...args);
    };
    const scan = await clock.run(commands(its).ascan(gap, 0, 4, 2, 0.1));
    expect(Object.keys(scan.getData()).sort()).toEqual(["diode", "elapsed_time", "epoch", "gap"]);
    const without = reads;
    await clock.run(gap.move(0));
    reads = 0;
    await clock.run(commands(its).ascan(hg, 0, 4, 2, 0.1));
    expect(reads).toBe(without);
  });

  it("starts from where the axis is, and returns there", async () => {
    const { clock, hg, ho, front } = its;
    await clock.run(hg.move(3));
    await clock.run(ho.move(1));
    const scan = await clock.run(commands(its).dscan(hg, -1, 1, 2, 0.1));
    expect(rounded(scan.getData(hg))).toEqual([2, 3, 4]);
    expect(rounded(scan.getData(front))).toEqual([2, 2.5, 3]);
    expect([hg.position, ho.position]).toEqual([3, 1]);
  });

  it("is refused before anything moves when a real axis cannot go there", async () => {
    const { clock, hg, ho, front } = its;
    const failure = await clock.run(
      outcomeOf(
        commands(its)
          .ascan(hg, 0, 21, 7, 0.1)
          .then(() => {}),
      ),
    );
    expect((failure as Error).cause ?? failure).toMatchObject({ code: "AXIS_LIMIT", axis: "front", position: 10.5 });
    expect(front.position).toBe(0);
    const sweeps = [
      { axis: hg, start: 0, stop: 12 },
      { axis: ho, start: 0, stop: 6 },
    ];
    expect(() => new LinearStepTriggerMaster(4, sweeps)).toThrow(
      "front cannot go to 12 mm, where dial 12 of hg, dial 6 of ho leads it",
    );
  });

  it("with one of its real axes beside it is refused", async () => {
    const { clock, hg, front } = its;
    await expect(clock.run(commands(its).a2scan(hg, 0, 1, front, 0, 1, 2, 0.1))).rejects.toThrow(
      "hg moves front: expected axes that move independently",
    );
  });

  it("does not step between runs of one of its real axes", async () => {
    const { clock, hg, front } = its;
    const failure = clock.run(commands(its).contMesh(front, 0, 4, 5, hg, 0, 1, 2, 2));
    await expect(failure).rejects.toThrow("contMesh: hg moves front: expected axes that move independently");
    expect([front.position, hg.isMoving]).toEqual([0, false]);
  });

  it("has its real axes for itself", () => {
    const { hg, ho, front, back } = its;
    const master = new LinearStepTriggerMaster(2, [
      { axis: hg, start: 0, stop: 1 },
      { axis: ho, start: 0, stop: 1 },
    ]);
    expect(master.exclusive).toEqual([hg, front, back, ho]);
  });

  it("ends with a fault of a real axis, everything stopped", async () => {
    const { clock, hg, front, back, motors } = its;
    const outcome = outcomeOf(
      commands(its)
        .ascan(hg, 0, 20, 2, 0.1)
        .then(() => {}),
    );
    await clock.advance(0.7);
    motors.breakDown("back", "smoke");
    expect(await clock.run(outcome)).toMatchObject({ code: "AXIS_FAULT", axis: "back" });
    expect([hg.isMoving, front.isMoving, back.isMoving]).toEqual([false, false, false]);
  });
});
