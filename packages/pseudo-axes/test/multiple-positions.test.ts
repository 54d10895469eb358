import { VirtualClock } from "@beamtime/concurrency";
import { simulatedAxis } from "@beamtime/controller-simulation";
import { beforeEach, describe, expect, it } from "vitest";
import { MultiplePositions, type NamedPosition, UnknownPositionError } from "../src/index.js";

function beamline() {
  const clock = new VirtualClock();
  const bsx = simulatedAxis({ name: "bsx", unit: "mm", clock, highLimit: 50 });
  const bsz = simulatedAxis({ name: "bsz", unit: "mm", clock, highLimit: 50 });
  const saved: (readonly NamedPosition[])[] = [];
  const positions: NamedPosition[] = [
    {
      label: "IN",
      description: "in the beam",
      targets: [
        { axis: bsx, destination: 2.5, tolerance: 0.01 },
        { axis: bsz, destination: 1, tolerance: 0.2 },
      ],
    },
    { label: "OUT", targets: [{ axis: bsx, destination: 30 }] },
  ];
  const options = { name: "beamstop", positions, save: async (now: readonly NamedPosition[]) => void saved.push(now) };
  return { clock, bsx, bsz, saved, options, beamstop: new MultiplePositions(options) };
}

let its: ReturnType<typeof beamline>;
beforeEach(() => {
  its = beamline();
});

describe("named positions", () => {
  it("are gone to by name, and told on the way", async () => {
    const { clock, bsx, bsz, beamstop } = its;
    const told: string[] = [];
    const leave = beamstop.onPosition((label) => told.push(label));
    expect(beamstop.position).toBe("unknown");
    const move = beamstop.move("IN");
    await clock.advance(0.1);
    expect([beamstop.state.has("MOVING"), bsx.isMoving, bsz.isMoving]).toEqual([true, true, true]);
    await clock.run(move);
    expect([beamstop.position, beamstop.state.has("READY")]).toEqual(["IN", true]);
    await clock.run(bsz.move(1.15));
    expect(beamstop.position).toBe("IN");
    await clock.run(bsz.move(1.25));
    expect(beamstop.position).toBe("unknown");
    await clock.run(beamstop.move("OUT"));
    expect(told).toEqual(["IN", "unknown", "OUT"]);
    leave();
    await clock.run(bsx.move(0));
    expect(told).toHaveLength(3);
    expect(await clock.run(beamstop.readPosition())).toBe("unknown");
  });

  it("are reached with a tolerance of 0, but for rounding", async () => {
    const clock = new VirtualClock();
    const axis = simulatedAxis({ name: "fine", clock, offset: 0.1, tolerance: 0 });
    const positions = [{ label: "IN", targets: [{ axis, destination: 0.7 }] }];
    const fine = new MultiplePositions({ name: "fine", positions });
    await clock.run(fine.move("IN"));
    expect(fine.position).toBe("IN");
    await clock.run(axis.rmove(1e-6));
    expect(fine.position).toBe("unknown");
  });

  it("are gone to one after the other when they are not simultaneous, all checked before", async () => {
    const { clock, bsx, bsz, options } = its;
    const beamstop = new MultiplePositions({ ...options, simultaneous: false });
    const starts: string[] = [];
    for (const axis of [bsx, bsz]) axis.onState(() => starts.push(`${axis.name} ${axis.isMoving}`));
    await clock.run(beamstop.move("IN"));
    expect(starts.filter((text) => text.endsWith("true"))).toEqual(["bsx true", "bsx true", "bsz true", "bsz true"]);
    await beamstop.add("FAR", {
      targets: [
        { axis: bsx, destination: 10 },
        { axis: bsz, destination: 60 },
      ],
    });
    await expect(clock.run(beamstop.move("FAR"))).rejects.toThrow("bsz cannot go to 60 mm");
    expect(bsx.position).toBe(2.5);
  });

  it("that are not there are refused with those that are", async () => {
    const failure = await its.beamstop.move("MIDDLE").catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UnknownPositionError);
    expect(failure).toMatchObject({
      message: "beamstop has no position MIDDLE: expected one of IN, OUT",
      labels: ["IN", "OUT"],
    });
  });

  it("stop, and abort", async () => {
    const { clock, bsx, beamstop } = its;
    await beamstop.move("OUT", { wait: false });
    await clock.advance(0.5);
    await clock.run(beamstop.stop());
    await expect(clock.run(beamstop.waitMove())).rejects.toMatchObject({ code: "AXIS_STOPPED", axis: "bsx" });
    const abort = new AbortController();
    const move = expect(beamstop.move("OUT", { signal: abort.signal })).rejects.toThrow("enough");
    await clock.advance(0.5);
    abort.abort(new Error("enough"));
    await clock.run(move);
    expect([bsx.isMoving, beamstop.position]).toEqual([false, "unknown"]);
  });

  it("can be added, changed and removed, and are saved then", async () => {
    const { clock, bsx, bsz, saved, beamstop } = its;
    await clock.run(Promise.all([bsx.move(12), bsz.move(3)]));
    const told: string[] = [];
    beamstop.onPosition((label) => told.push(label));
    await beamstop.add("PARK", { description: "safe" });
    expect(beamstop.position).toBe("PARK");
    await beamstop.update("OUT");
    expect(beamstop.positions.find(({ label }) => label === "OUT")?.targets).toEqual([{ axis: bsx, destination: 12 }]);
    await beamstop.remove("PARK");
    expect([beamstop.labels, saved.length]).toEqual([["IN", "OUT"], 3]);
    await clock.run(bsx.move(13));
    expect(told).toEqual(["unknown"]);
    await expect(beamstop.add("IN")).rejects.toThrow("beamstop has a position IN already");
    await expect(beamstop.add("unknown")).rejects.toThrow('is called "unknown"');
    await expect(beamstop.update("PARK")).rejects.toThrow(UnknownPositionError);
    await beamstop.remove("IN");
    await expect(beamstop.remove("OUT")).rejects.toThrow("OUT is the only position of beamstop");
  });

  it("are shown as a table", async () => {
    const { clock, beamstop } = its;
    await clock.run(beamstop.move("IN"));
    expect(beamstop.info().split("\n")).toEqual([
      "beamstop: IN",
      "   LABEL  DESCRIPTION  MOTOR POSITION(S)",
      "*  IN     in the beam  bsx: 2.5000 (± 0.0100 mm), bsz: 1.0000 (± 0.2000 mm)",
      "   OUT                 bsx: 30.0000 (± 0.0001 mm)",
      "bsx = 2.5000 mm",
      "bsz = 1.0000 mm",
    ]);
  });

  it("need targets that make sense", () => {
    const { bsx, options } = its;
    const make =
      (...positions: NamedPosition[]) =>
      () =>
        new MultiplePositions({ ...options, positions });
    expect(make()).toThrow("beamstop has no positions: expected at least one");
    expect(make({ label: "A", targets: [] })).toThrow("A of beamstop has no targets");
    const target = { axis: bsx, destination: 1 };
    expect(make({ label: "A", targets: [target, target] })).toThrow("has bsx twice");
    expect(make({ label: "A", targets: [{ axis: bsx, destination: Number.NaN }] })).toThrow("destination NaN");
    expect(make({ label: "A", targets: [target] }, { label: "A", targets: [target] })).toThrow("already");
  });
});
