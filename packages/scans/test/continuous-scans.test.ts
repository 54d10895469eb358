import { SimulatedMotorController, simulatedAxis, simulatedDiode } from "@beamtime/controller-simulation";
import type { Scan } from "@beamtime/core";
import { describe, expect, it } from "vitest";
import { continuousBeamline, jumpingAxis } from "./continuous-beamline.js";

function numbers(scan: Scan, key: string): number[] {
  // scalars come as Float64Array
  return Array.from(scan.getData(key) as Float64Array, (value) => Math.round(value * 1e6) / 1e6);
}

const masterOf = (scan: Scan): string => scan.acqChain.topMasters[0]?.constructor.name ?? "";

describe("contScan", () => {
  it("counts on the way, at both ends too, while the axis runs for the whole time", async () => {
    const { clock, contScan, fast, diode, gauss } = continuousBeamline();
    const scan = await clock.run(contScan(fast, 0, 10, 11, 5, diode, gauss));
    expect(masterOf(scan)).toBe("SoftwarePositionTriggerMaster");
    expect(numbers(scan, "fast")).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(numbers(scan, "diode")).toEqual(new Array(11).fill(42));
    expect(numbers(scan, "elapsed_time")).toEqual([0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5]);
    expect(numbers(scan, "gauss").indexOf(100)).toBe(5);
    expect([scan.state, fast.velocity]).toEqual(["DONE", 4]);
  });

  it("adds what the encoder measures at each point, in flight", async () => {
    const { clock, contScan, fast, diode, motors } = continuousBeamline();
    motors.loseSteps("fast", 0.25);
    const scan = await clock.run(contScan(fast, 0, 4, 5, 4, diode));
    expect(numbers(scan, "fast")).toEqual([0, 1, 2, 3, 4]);
    expect(numbers(scan, "fastenc")).toEqual([-0.25, 0.75, 1.75, 2.75, 3.75]);
    expect(scan.scanInfo["channels"]).toMatchObject({ "encoder:fastenc": { unit: "mm", dim: 0 } });
  });

  it("adds the encoder to step scans too", async () => {
    const { clock, ascan, fast, diode } = continuousBeamline();
    const scan = await clock.run(ascan(fast, 0, 2, 2, 0.1, diode));
    expect(numbers(scan, "fastenc")).toEqual([0, 1, 2]);
  });

  it("tells in scan_info what other scans tell", async () => {
    const { clock, contScan, fast, diode } = continuousBeamline();
    const scan = await clock.run(contScan(fast, 0, 10, 11, 5, diode, { countTime: 0.25 }));
    expect(scan.name).toBe("contscan");
    expect(scan.scanInfo).toMatchObject({
      title: "contscan fast 0.0000 10.0000 11 5",
      type: "contscan",
      npoints: 11,
      count_time: 0.25,
      start: [0],
      stop: [10],
      plots: [{ kind: "curve-plot", items: [{ kind: "curve", x: "axis:fast" }] }],
      channels: { "axis:fast": { start: 0, stop: 10, points: 11, unit: "mm", dim: 0 } },
    });
  });

  it("publishes each point as it is taken", async () => {
    const { clock, contScan, fast, diode, recorder } = continuousBeamline();
    const running = contScan(fast, 0, 10, 11, 5, diode);
    await clock.advance(3.2); // 0.14 s to the start, up to the first point 0.02 s
    const blocks = recorder.events.filter(({ type }) => type === "data").length;
    expect(blocks).toBeGreaterThan(5 * 4);
    await clock.run(running);
    expect(recorder.events.filter(({ type }) => type === "data").length).toBeGreaterThan(blocks);
  });

  it("counts integrating counters in the time that it has by default", async () => {
    const { clock, contScan, fast, integrating } = continuousBeamline();
    const scan = await clock.run(contScan(fast, 0, 10, 11, 5, integrating));
    expect(scan.scanInfo["count_time"]).toBeCloseTo(0.47, 9);
    expect(numbers(scan, "integrating")).toEqual(new Array(11).fill(470));
    const quick = await clock.run(contScan(fast, 0, 10, 101, 5, integrating));
    expect(quick.scanInfo["count_time"]).toBeCloseTo(0.025, 9);
    expect(numbers(quick, "integrating")).toEqual(new Array(101).fill(25));
  });

  it("takes spectra as fast as they are counted", async () => {
    const { clock, contScan, quick, mca } = continuousBeamline();
    const scan = await clock.run(contScan(quick, 0, 1, 10, 0.1, mca));
    expect(scan.getData("spectrum_det3")).toMatchObject({ shape: [10, 1024] });
    expect([scan.state, scan.scanInfo["count_time"]]).toEqual(["DONE", expect.closeTo(0.1 / 18, 9)]);
  });

  it("leaves counters the time that they need between two points", async () => {
    const { clock, contScan, quick, mca, diode } = continuousBeamline();
    mca.deadTime = 0.04;
    const scan = await clock.run(contScan(quick, 0, 1, 11, 0.5, mca, diode));
    expect([scan.state, scan.scanInfo["count_time"]]).toEqual(["DONE", expect.closeTo(0.005, 9)]);
    expect(numbers(scan, "realtime_det0")).toEqual(new Array(11).fill(0.005));
    const given = await clock.run(contScan(quick, 0, 1, 11, 1, mca, { countTime: 0.059 }));
    expect(numbers(given, "realtime_det0")).toEqual(new Array(11).fill(0.059));
    const steps = await clock.run(contScan(quick, 0, 1, 11, 0.1, mca, { triggers: "steps" }));
    expect(numbers(steps, "realtime_det0")).toEqual(new Array(11).fill(0.005));
  });

  it("leaves out the stop on request", async () => {
    const { clock, contScan, fast, diode } = continuousBeamline();
    const scan = await clock.run(contScan(fast, 0, 10, 5, 5, diode, { points: "exclusive" }));
    expect(numbers(scan, "fast")).toEqual([0, 2, 4, 6, 8]);
    expect(numbers(scan, "elapsed_time")).toEqual([0, 1, 2, 3, 4]);
  });

  it("lets the pulses of the motor trigger, when all counters take them", async () => {
    const { clock, contScan, fast, monitor, camera, line } = continuousBeamline();
    const scan = await clock.run(contScan(fast, 0, 10, 11, 5, monitor, camera, { countTime: 0.2 }));
    expect(masterOf(scan)).toBe("HardwarePositionTriggerMaster");
    expect([scan.acqChain.tree.split("\n").length, line.count]).toEqual([6, 11]);
    expect(numbers(scan, "monitor")).toEqual(new Array(11).fill(200));
    expect(numbers(scan, "frame")).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect([numbers(scan, "fast"), numbers(scan, "fastenc")].map((list) => list.at(-1))).toEqual([10, 10]);
  });

  it("triggers from software when one counter does not take them, and when it is told to", async () => {
    const { clock, contScan, fast, monitor, diode, line } = continuousBeamline();
    const both = await clock.run(contScan(fast, 0, 10, 11, 5, monitor, diode, { countTime: 0.2 }));
    const told = await clock.run(contScan(fast, 0, 10, 11, 5, monitor, { countTime: 0.2, triggers: "software" }));
    for (const scan of [both, told]) {
      expect(masterOf(scan)).toBe("SoftwarePositionTriggerMaster");
      expect(numbers(scan, "monitor")).toEqual(new Array(11).fill(200));
    }
    expect(line.count).toBe(0);
  });

  it("stops at each point with an axis that has no velocity, and when it is told to", async () => {
    const { clock, contScan, fast, diode } = continuousBeamline();
    const piezo = await clock.run(contScan(jumpingAxis(clock), 0, 10, 11, 5, diode));
    const told = await clock.run(contScan(fast, 0, 10, 5, 5, diode, { triggers: "steps", points: "exclusive" }));
    expect([masterOf(piezo), masterOf(told)]).toEqual(["LinearStepTriggerMaster", "LinearStepTriggerMaster"]);
    expect(numbers(piezo, "piezo")).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(numbers(told, "fast")).toEqual([0, 2, 4, 6, 8]);
  });

  it("runs downwards, and takes a single point", async () => {
    const { clock, contScan, fast, diode } = continuousBeamline();
    expect(numbers(await clock.run(contScan(fast, 2, 0, 3, 1, diode)), "fast")).toEqual([2, 1, 0]);
    expect(numbers(await clock.run(contScan(fast, 2, 0, 1, 1, diode)), "fast")).toEqual([2]);
  });

  it("fails, and stops the axis, when a counter is slower than it should be", async () => {
    const { clock, contScan, fast } = continuousBeamline();
    const lame = simulatedDiode({ name: "lame", clock, latency: 0.8 });
    const failure = clock.run(contScan(fast, 0, 10, 11, 5, lame));
    await expect(failure).rejects.toThrow("Aborted due to bad triggering on slaves: [timer]");
    expect([fast.isMoving, fast.velocity, fast.position < 2]).toEqual([false, 4, true]);
  });
});

describe("contMesh", () => {
  it("runs the first axis on the fly and steps the second; all channels have a value a point", async () => {
    const { clock, contMesh, fast, slow, diode } = continuousBeamline();
    const scan = await clock.run(contMesh(fast, 0, 2, 3, slow, 5, 6, 2, 1, diode));
    expect(scan.acqChain.tree).toBe(
      [
        ". chain(AcquisitionChain)",
        "└── axis(LinearStepTriggerMaster)",
        "    └── axis(SoftwarePositionTriggerMaster)",
        "        └── timer(SoftwareTimerMaster)",
        "            ├── simulation_diode_sampling_controller(SamplingCounterAcquisitionSlave)",
        "            └── encoder(EncoderAcquisitionSlave)",
      ].join("\n"),
    );
    expect(numbers(scan, "fast")).toEqual([0, 1, 2, 0, 1, 2]);
    expect(numbers(scan, "slow")).toEqual([5, 5, 5, 6, 6, 6]);
    expect(numbers(scan, "fastenc")).toEqual([0, 1, 2, 0, 1, 2]);
    expect(numbers(scan, "diode")).toHaveLength(6);
    const elapsed = numbers(scan, "elapsed_time");
    expect(elapsed.slice(0, 3)).toEqual([0, 0.5, 1]);
    expect(elapsed[3]).toBeGreaterThan(1.5); // it goes on in the second line
    expect(scan.scanInfo).toMatchObject({
      type: "contmesh",
      title: "contmesh fast 0.0000 2.0000 3 slow 5.0000 6.0000 2 1",
      npoints: 6,
      npoints1: 3,
      npoints2: 2,
      data_dim: 2,
      start: [0, 5],
      stop: [2, 6],
      plots: [{ kind: "scatter-plot", items: [{ kind: "scatter", x: "axis:fast", y: "axis:slow" }] }],
      channels: {
        "axis:fast": {
          start: 0,
          stop: 2,
          points: 6,
          "axis-points": 3,
          "axis-id": 0,
          "axis-kind": "forth",
          group: "scatter",
        },
        "axis:slow": {
          start: 5,
          stop: 6,
          points: 6,
          "axis-points": 2,
          "axis-id": 1,
          "axis-kind": "forth",
          group: "scatter",
        },
      },
    });
  });

  it("turns every second line round with backnforth", async () => {
    const { clock, contMesh, fast, slow, diode } = continuousBeamline();
    const scan = await clock.run(contMesh(fast, 0, 2, 3, slow, 0, 2, 3, 1, diode, { backnforth: true }));
    expect(numbers(scan, "fast")).toEqual([0, 1, 2, 2, 1, 0, 0, 1, 2]);
    expect(numbers(scan, "fastenc")).toEqual([0, 1, 2, 2, 1, 0, 0, 1, 2]);
    expect(scan.scanInfo["channels"]).toMatchObject({ "axis:fast": { "axis-kind": "backnforth" } });
  });

  it("lets the pulses of each line trigger", async () => {
    const { clock, contMesh, fast, slow, monitor, camera, line } = continuousBeamline();
    const options = { backnforth: true, countTime: 0.2 };
    const scan = await clock.run(contMesh(fast, 0, 2, 3, slow, 0, 2, 3, 1, monitor, camera, options));
    expect([numbers(scan, "monitor"), line.count]).toEqual([new Array(9).fill(200), 9]);
    expect(numbers(scan, "frame")).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("has the position of the second axis with the first point of each line, however slow its controller", async () => {
    const { clock, contMesh, fast, diode } = continuousBeamline();
    const motors = new SimulatedMotorController({ clock, latency: 0.3 });
    const slow = simulatedAxis({ name: "slow", controller: motors, clock });
    const scan = await clock.run(contMesh(fast, 0, 2, 3, slow, 5, 6, 2, 1, diode));
    expect(numbers(scan, "slow")).toEqual([5, 5, 5, 6, 6, 6]);
  });

  it("stops at each point with a first axis that has no velocity", async () => {
    const { clock, contMesh, slow, diode } = continuousBeamline();
    const scan = await clock.run(contMesh(jumpingAxis(clock), 0, 2, 3, slow, 5, 6, 2, 1, diode, { backnforth: true }));
    expect(masterOf(scan)).toBe("MeshStepTriggerMaster");
    expect(numbers(scan, "piezo")).toEqual([0, 1, 2, 2, 1, 0]);
  });
});
