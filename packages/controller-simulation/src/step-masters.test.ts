import { VirtualClock } from "@beamtime/concurrency";
import { AcquisitionChain, Scan, SoftwareTimerMaster } from "@beamtime/core";
import {
  type Axis,
  AxisLimitError,
  LinearStepTriggerMaster,
  MeshStepTriggerMaster,
  VariableStepTriggerMaster,
} from "@beamtime/motion";
import { describe, expect, it } from "vitest";
import { simulatedAxis } from "./simulated-axis.js";

function setUp() {
  const clock = new VirtualClock();
  const options = { lowLimit: -10, highLimit: 10, unit: "mm", clock };
  return {
    clock,
    roby: simulatedAxis({ ...options, name: "roby" }),
    robz: simulatedAxis({ ...options, name: "robz" }),
  };
}

type Master = LinearStepTriggerMaster | MeshStepTriggerMaster | VariableStepTriggerMaster;

async function positions(clock: VirtualClock, master: Master): Promise<Record<string, number[]>> {
  const chain = new AcquisitionChain();
  chain.add(master, new SoftwareTimerMaster(0.1, { npoints: master.npoints }));
  const scan = new Scan(chain, { clock });
  await clock.run(scan.run());
  return Object.fromEntries(
    master.channels.map(({ shortName }) => [shortName, Array.from(scan.getData(shortName) as Float64Array)]), // scalars
  );
}

describe("step masters", () => {
  it("step axes together along lines, both ends included", async () => {
    const { clock, roby, robz } = setUp();
    const master = new LinearStepTriggerMaster(3, [
      { axis: roby, start: 0, stop: 1 },
      { axis: robz, start: 3, stop: -3 },
    ]);
    expect(await positions(clock, master)).toEqual({ roby: [0, 0.5, 1], robz: [3, 0, -3] });
  });

  it("visit a grid, the first axis fast", async () => {
    const { clock, roby, robz } = setUp();
    const sweeps = [
      { axis: roby, start: 0, stop: 2, npoints: 3 },
      { axis: robz, start: 5, stop: 6, npoints: 2 },
    ];
    expect(await positions(clock, new MeshStepTriggerMaster(sweeps))).toEqual({
      roby: [0, 1, 2, 0, 1, 2],
      robz: [5, 5, 5, 6, 6, 6],
    });
  });

  it("turn back at the end of each line, of all axes but the slowest", async () => {
    const { clock, roby, robz } = setUp();
    const slow = simulatedAxis({ name: "robx", clock });
    const master = new MeshStepTriggerMaster(
      [
        { axis: roby, start: 0, stop: 1, npoints: 2 },
        { axis: robz, start: 0, stop: 1, npoints: 2 },
        { axis: slow, start: 0, stop: 1, npoints: 2 },
      ],
      { backnforth: true },
    );
    expect(await positions(clock, master)).toEqual({
      roby: [0, 1, 1, 0, 0, 1, 1, 0],
      robz: [0, 0, 1, 1, 1, 1, 0, 0],
      robx: [0, 0, 0, 0, 1, 1, 1, 1],
    });
    expect(Object.values(master.channelInfo()).map((info) => info["axis-kind"])).toEqual([
      "backnforth",
      "backnforth",
      "forth",
    ]);
  });

  it("visit given positions, each emitted as often as asked", async () => {
    const { clock, roby } = setUp();
    const master = new VariableStepTriggerMaster([{ axis: roby, positions: [1, -2, 7] }], { broadcastLen: 2 });
    expect(master.npoints).toBe(6);
    expect(master.channelInfo()).toEqual({ "axis:roby": { points: 6, min: -2, max: 7 } });
    expect(await positions(clock, master)).toEqual({ roby: [1, 1, -2, -2, 7, 7] });
  });

  it("tell displays of their axes", () => {
    const { roby, robz } = setUp();
    const mesh = new MeshStepTriggerMaster([
      { axis: roby, start: 0, stop: 1, npoints: 2 },
      { axis: robz, start: 0, stop: 2, npoints: 3 },
    ]);
    expect(mesh.channelInfo()).toEqual({
      "axis:roby": { start: 0, stop: 1, points: 6, "axis-points": 2, "axis-id": 0, "axis-kind": "forth" },
      "axis:robz": { start: 0, stop: 2, points: 6, "axis-points": 3, "axis-id": 1, "axis-kind": "forth" },
    });
    expect(mesh.channels.map(({ unit }) => unit)).toEqual(["mm", "mm"]);
  });

  const bad: [string, (roby: Axis, robz: Axis) => unknown, string | typeof AxisLimitError][] = [
    [
      "a position beyond the limits",
      (axis) => new LinearStepTriggerMaster(3, [{ axis, start: 0, stop: 11 }]),
      AxisLimitError,
    ],
    [
      "one beyond the limits in the middle of a list",
      (axis) => new VariableStepTriggerMaster([{ axis, positions: [0, 11, 0] }]),
      AxisLimitError,
    ],
    ["no axis", () => new LinearStepTriggerMaster(3, []), "no axis: expected at least one {axis, start, stop}"],
    [
      "no point",
      (axis) => new LinearStepTriggerMaster(0, [{ axis, start: 0, stop: 1 }]),
      "npoints is 0; expected an integer",
    ],
    [
      "an axis given twice",
      (axis) =>
        new LinearStepTriggerMaster(3, [
          { axis, start: 0, stop: 1 },
          { axis, start: 0, stop: 1 },
        ]),
      "roby is given twice: expected each axis once",
    ],
    [
      "lists of different lengths",
      (roby, robz) =>
        new VariableStepTriggerMaster([
          { axis: roby, positions: [0, 1] },
          { axis: robz, positions: [0] },
        ]),
      "robz has 1 positions, roby 2: expected lists of equal length",
    ],
  ];
  for (const [what, make, expected] of bad) {
    it(`refuse ${what} when they are made`, () => {
      const { roby, robz } = setUp();
      expect(() => make(roby, robz)).toThrow(expected);
    });
  }

  it("stop the axes in flight when the scan is aborted", async () => {
    const { clock, roby } = setUp();
    const chain = new AcquisitionChain();
    chain.add(
      new LinearStepTriggerMaster(2, [{ axis: roby, start: 0, stop: 10 }]),
      new SoftwareTimerMaster(0.1, { npoints: 2 }),
    );
    const scan = new Scan(chain, { clock });
    const ended = scan.run().then(
      () => "done",
      () => "aborted",
    );
    await clock.advance(0.5); // the first point is taken, the axis on its way to the second
    scan.abort();
    expect(await clock.run(ended)).toBe("aborted");
    expect(roby.position).toBeGreaterThan(1);
    expect(roby.position).toBeLessThan(9);
    expect(roby.isMoving).toBe(false);
    const standing = roby.position;
    await clock.advance(5);
    expect(await roby.readPosition()).toBe(standing);
  });
});
