import { VirtualClock } from "@beamtime/concurrency";
import { AcquisitionChain, type AcquisitionObject, Scan } from "@beamtime/core";
import {
  HardwarePositionTriggerMaster,
  LinearStepTriggerMaster,
  type PositionTriggerMaster,
  SoftwarePositionTriggerMaster,
} from "@beamtime/motion";
import { describe, expect, it } from "vitest";
import { CameraAcquisitionSlave } from "./camera-acquisition-slave.js";
import type { GivenCameraParameters } from "./camera-parameters.js";
import { CounterCardMaster } from "./counter-card-master.js";
import { simulatedAxis } from "./simulated-axis.js";
import { SimulatedCamera } from "./simulated-camera.js";
import { SimulatedCounterCard } from "./simulated-counter-card.js";
import { SimulatedMotorController } from "./simulated-motor-controller.js";

/** The seed's axis; a camera and a counter card plugged into its trigger output. */
function setUp() {
  const clock = new VirtualClock();
  const motors = new SimulatedMotorController({ clock });
  const m0 = simulatedAxis({ name: "m0", controller: motors, clock, velocity: 2, acceleration: 100 });
  const line = motors.triggerLine("m0");
  const camera = new SimulatedCamera({ name: "camera", line, clock });
  const card = new SimulatedCounterCard({ name: "p201", line, clock });
  return { clock, m0, line, camera, card };
}

function scanOf(
  clock: VirtualClock,
  master: PositionTriggerMaster | LinearStepTriggerMaster,
  slave: AcquisitionObject,
) {
  const chain = new AcquisitionChain();
  chain.add(master, slave);
  return new Scan(chain, { clock });
}

function numbers(scan: Scan, key: string): number[] {
  return Array.from(scan.getData(key) as Float64Array); // scalars
}

const zeroToNine = Array.from({ length: 10 }, (_, i) => i);

describe("a camera", () => {
  const tutorial = { acq_nb_frames: 10, acq_expo_time: 0.3 };

  it("takes a frame for each trigger of the tutorial's master: ten", async () => {
    const { clock, m0, camera } = setUp();
    const slave = new CameraAcquisitionSlave(camera, { ...tutorial, acq_trigger_mode: "INTERNAL_TRIGGER_MULTI" });
    expect(slave.triggerType).toBe("software");
    const scan = scanOf(clock, new SoftwarePositionTriggerMaster(m0, 5, 10, 10, { time: 5 }), slave);
    await clock.run(scan.run());
    expect(numbers(scan, "frame")).toEqual(zeroToNine);
    expect(scan.getData("profile")).toMatchObject({ shape: [10, 64] });
    for (const sum of numbers(scan, "sum")) expect(Math.abs(sum - 30_000)).toBeLessThan(1500);
    expect(scan.scanInfo["devices"]).toMatchObject({
      "2:camera": { metadata: { acq_parameters: { acq_nb_frames: 10, acq_expo_time: 0.3 } } },
    });
  });

  it("takes a frame for each pulse of its line", async () => {
    const { clock, m0, camera, line } = setUp();
    const slave = new CameraAcquisitionSlave(camera, { ...tutorial, acq_trigger_mode: "EXTERNAL_TRIGGER_MULTI" });
    expect(slave.triggerType).toBe("hardware");
    const scan = scanOf(clock, new HardwarePositionTriggerMaster(m0, 5, 10, 10, { time: 5 }), slave);
    await clock.run(scan.run());
    expect([numbers(scan, "frame"), line.count]).toEqual([zeroToNine, 10]);
  });

  it.each(["INTERNAL_TRIGGER", "EXTERNAL_TRIGGER"] as const)("takes all frames after one trigger: %s", async (mode) => {
    const { clock, m0, camera } = setUp();
    const slave = new CameraAcquisitionSlave(camera, { ...tutorial, acq_trigger_mode: mode, latency_time: 0.1 });
    const Master = mode === "INTERNAL_TRIGGER" ? SoftwarePositionTriggerMaster : HardwarePositionTriggerMaster;
    const scan = scanOf(clock, new Master(m0, 0, 1, 1, { time: 1 }), slave);
    const ends: number[] = [];
    slave.channels[0]?.onData(() => ends.push(clock.now()));
    await clock.run(scan.run());
    expect(numbers(scan, "frame")).toEqual(zeroToNine);
    expect((ends[9] ?? 0) - (ends[0] ?? 0)).toBeCloseTo(9 * 0.4, 9);
  });

  it("prepares anew for each step where one trigger is for all frames", async () => {
    const { clock, m0, camera } = setUp();
    const scan = scanOf(
      clock,
      new LinearStepTriggerMaster(3, [{ axis: m0, start: 0, stop: 2 }]),
      new CameraAcquisitionSlave(camera, { acq_nb_frames: 2, acq_expo_time: 0.1 }),
    );
    await clock.run(scan.run());
    expect(numbers(scan, "frame")).toEqual([0, 1, 0, 1, 0, 1]);
  });

  it("refuses a trigger of its master while it exposes: the overrun protection acts, and the axis stops", async () => {
    const { clock, m0, camera } = setUp();
    const params = { acq_nb_frames: 10, acq_expo_time: 0.6, acq_trigger_mode: "INTERNAL_TRIGGER_MULTI" } as const;
    const master = new SoftwarePositionTriggerMaster(m0, 5, 10, 10, { time: 5 });
    const scan = scanOf(clock, master, new CameraAcquisitionSlave(camera, params));
    await expect(clock.run(scan.run())).rejects.toThrow("Aborted due to bad triggering on slaves: [camera]");
    expect([scan.state, m0.isMoving, m0.position < 6]).toEqual(["KILLED", false, true]);
  });

  it("fails on a pulse that comes while it exposes", async () => {
    const { clock, m0, camera } = setUp();
    const params = { acq_nb_frames: 10, acq_expo_time: 0.6, acq_trigger_mode: "EXTERNAL_TRIGGER_MULTI" } as const;
    const master = new HardwarePositionTriggerMaster(m0, 5, 10, 10, { time: 5 });
    const scan = scanOf(clock, master, new CameraAcquisitionSlave(camera, params));
    await expect(clock.run(scan.run())).rejects.toThrow(
      "camera was triggered while it took a frame (0.6 s of exposure): trigger more slowly, or expose for less time",
    );
    expect([scan.state, m0.isMoving, m0.position < 6]).toEqual(["KILLED", false, true]);
  });

  it("takes a frame for each pulse of a counter card that is the time base, without drift", async () => {
    const { clock, card } = setUp();
    const camera = new SimulatedCamera({ name: "camera", line: card.output, clock });
    const params = { acq_nb_frames: 10, acq_expo_time: 0.3, acq_trigger_mode: "EXTERNAL_TRIGGER_MULTI" } as const;
    const pulses: number[] = [];
    card.output.onPulse(() => pulses.push(clock.now()));
    const chain = new AcquisitionChain();
    chain.add(new CounterCardMaster(card, { npoints: 10, period: 0.5 }), new CameraAcquisitionSlave(camera, params));
    const scan = new Scan(chain, { clock });
    await clock.run(scan.run());
    expect(numbers(scan, "frame")).toEqual(zeroToNine);
    expect(numbers(scan, "elapsed_time")).toEqual(zeroToNine.map((i) => i * 0.5));
    expect(pulses.map((time) => time - (pulses[0] ?? 0))).toEqual(zeroToNine.map((i) => expect.closeTo(i * 0.5, 9)));
  });

  it("gives up its exposure when the scan is aborted", async () => {
    const { clock, m0, camera, line } = setUp();
    const params = { acq_nb_frames: 1, acq_expo_time: 1000, acq_trigger_mode: "EXTERNAL_TRIGGER" } as const;
    const scan = scanOf(
      clock,
      new HardwarePositionTriggerMaster(m0, 0, 1, 1, { time: 1 }),
      new CameraAcquisitionSlave(camera, params),
    );
    const running = scan.run();
    running.catch(() => {}); // awaited below, after time has passed
    await clock.advance(3);
    scan.abort();
    await expect(clock.run(running)).rejects.toThrow();
    expect([clock.now() < 10, clock.sleepers, scan.state]).toEqual([true, 0, "USER_ABORTED"]);
    line.pulse(clock.now()); // nobody hears it any more
  });

  const bad: [string, GivenCameraParameters, string][] = [
    ["no exposure", { acq_expo_time: 0 }, "acq_expo_time"],
    ["half a frame", { acq_nb_frames: 0.5 }, "acq_nb_frames"],
    ["an unknown mode", { acq_trigger_mode: "EXTERNAL_GATE" as "INTERNAL_TRIGGER" }, "acq_trigger_mode"],
    ["an unknown parameter", { acq_nb_frame: 3 } as GivenCameraParameters, "acq_nb_frame"],
  ];
  it.each(bad)("refuses %s when it is made", (_what, params, named) => {
    expect(() => new CameraAcquisitionSlave(setUp().camera, params)).toThrow(named);
  });

  it("refuses an external trigger when nothing is plugged in", () => {
    const camera = new SimulatedCamera({ name: "camera" });
    expect(() => new CameraAcquisitionSlave(camera, { acq_trigger_mode: "EXTERNAL_TRIGGER" })).toThrow(
      "nothing is plugged into its trigger input",
    );
  });
});

describe("a counter card", () => {
  it("counts on the pulses of its line, in a gate, between them, and since it was armed", async () => {
    const { clock, m0, card } = setUp();
    const inputs = [
      card.addInput({ name: "gate", rate: 1000 }),
      card.addInput({ name: "between", rate: 1000, mode: "between" }),
      card.addInput({ name: "clock", rate: 1e6, mode: "latch", unit: "us" }),
    ];
    const slave = card.createTriggeredObject(inputs, { countTime: 0.25, npoints: 5 });
    const scan = scanOf(clock, new HardwarePositionTriggerMaster(m0, 0, 2, 5, { time: 2 }), slave);
    await clock.run(scan.run());
    expect(numbers(scan, "gate")).toEqual([250, 250, 250, 250, 250]);
    for (const counts of numbers(scan, "between").slice(1)) expect(counts).toBeCloseTo(500, 6);
    const [first = 0, ...others] = numbers(scan, "clock");
    for (const [i, time] of others.entries()) expect(time - first).toBeCloseTo((i + 1) * 5e5, 3);
  });

  it("counts as well when software triggers it, and then does not hear its line", async () => {
    const { clock, m0, card } = setUp();
    const monitor = card.addInput({ name: "monitor", rate: 1000 });
    const slave = card.createAcquisitionObject([monitor], { countTime: 0.25, npoints: 5 });
    const scan = scanOf(clock, new HardwarePositionTriggerMaster(m0, 0, 2, 5, { time: 2 }), slave);
    await clock.run(scan.run());
    expect(numbers(scan, "monitor")).toEqual([250, 250, 250, 250, 250]);
  });

  it("fails on a pulse that comes while it counts", async () => {
    const { clock, m0, card } = setUp();
    const monitor = card.addInput({ name: "monitor", rate: 1000 });
    const slave = card.createTriggeredObject([monitor], { countTime: 0.6, npoints: 5 });
    const scan = scanOf(clock, new HardwarePositionTriggerMaster(m0, 0, 2, 5, { time: 2 }), slave);
    await expect(clock.run(scan.run())).rejects.toThrow("while it counted for 0.6 s: trigger more slowly");
    expect(m0.isMoving).toBe(false);
  });

  it("knows which axis triggers it", () => {
    const { m0, card, camera, clock } = setUp();
    const other = simulatedAxis({ name: "m1", clock });
    expect([card, camera].map((device) => [device.isTriggeredBy(m0), device.isTriggeredBy(other)])).toEqual([
      [true, false],
      [true, false],
    ]);
    expect(new SimulatedCounterCard({ name: "unplugged" }).isTriggeredBy(m0)).toBe(false);
  });
});
