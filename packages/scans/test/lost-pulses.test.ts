import { VirtualClock } from "@beamtime/concurrency";
import {
  CameraAcquisitionSlave,
  CounterCardMaster,
  SimulatedCamera,
  SimulatedCounterCard,
  SimulatedMotorController,
  simulatedAxis,
} from "@beamtime/controller-simulation";
import { AcquisitionChain, MissingPointsError, memoryScanSaving, Scan, ScanRecorder } from "@beamtime/core";
import { HardwarePositionTriggerMaster, LinearStepTriggerMaster } from "@beamtime/motion";
import { createScanCommands } from "@beamtime/scans";
import { describe, expect, it } from "vitest";
import { errorOf } from "./faulty-beamline.js";

/** `fast` gives pulses to a counter card and to a camera; `slow` does not. */
function setUp() {
  const clock = new VirtualClock();
  const motors = new SimulatedMotorController({ clock });
  const shared = { controller: motors, clock, unit: "mm", lowLimit: -20, highLimit: 20, velocity: 4 };
  const fast = simulatedAxis({ ...shared, name: "fast" });
  const slow = simulatedAxis({ ...shared, name: "slow" });
  const line = motors.triggerLine("fast");
  const card = new SimulatedCounterCard({ name: "p201", line, clock });
  const monitor = card.addInput({ name: "monitor", rate: 1000 });
  const camera = new SimulatedCamera({ name: "camera", line, clock });
  const recorder = new ScanRecorder();
  const scanSaving = memoryScanSaving();
  const scans: Scan[] = [];
  const newScan = (chain: AcquisitionChain, given = {}): Scan => {
    const scan = new Scan(chain, { ...given, clock, scanSaving, sinks: [recorder] });
    scans.push(scan);
    return scan;
  };
  const commands = createScanCommands({ newScan, defaultCounters: () => [monitor] });
  const values = (key: string): number[] => Array.from(scans.at(-1)?.getData(key) as Float64Array); // scalars
  const told = () => recorder.events.find(({ type }) => type === "ended");
  return { clock, fast, slow, line, card, monitor, camera, scans, newScan, values, told, ...commands };
}

describe("a pulse that is lost", () => {
  it.each([
    ["p201", ({ monitor }: ReturnType<typeof setUp>) => monitor, "monitor"],
    ["camera", ({ camera }: ReturnType<typeof setUp>) => camera, "frame"],
  ] as const)(
    "fails the scan of the %s soon after the motion, with the points that came",
    async (name, counterOf, key) => {
      const its = setUp();
      const { clock, fast, line, contScan, values, scans, told } = its;
      const failing = errorOf(contScan(fast, 0, 10, 11, 5, counterOf(its), { countTime: 0.2 }));
      await clock.advance(2);
      line.loseNext();
      const error = await clock.run(failing);
      expect(error).toBeInstanceOf(MissingPointsError);
      expect(error).toMatchObject({ source: name, points: 10, expected: 11 });
      expect(String(error)).toContain(`${name}: 10 of 11 points came, and none for 10.2 s, though axis has ended`);
      expect(clock.now()).toBeLessThan(17);
      expect([values(key).length, values("fast").length]).toEqual([10, 11]);
      expect(told()).toMatchObject({ reason: "FAILURE", error: { name: "MissingPointsError" } });
      expect([scans[0]?.state, fast.isMoving, fast.velocity, clock.sleepers]).toEqual(["KILLED", false, 4, 0]);
      await clock.run(contScan(fast, 0, 10, 11, 5, counterOf(its), { countTime: 0.2 }));
      expect([values(key).length, scans[1]?.state]).toEqual([11, "DONE"]);
    },
  );

  it("is missed by all whom it should have reached; each may have a margin of its own", async () => {
    const { clock, fast, line, contScan, monitor, camera, card, values } = setUp();
    card.pointMargin = 60;
    camera.pointMargin = 1;
    line.loseNext(3);
    const error = await clock.run(errorOf(contScan(fast, 0, 10, 11, 5, monitor, camera, { countTime: 0.2 })));
    expect(error).toMatchObject({ source: "camera", points: 8, expected: 11, waited: expect.closeTo(1.2, 6) });
    expect([values("monitor").length, values("frame").length, clock.now() < 8]).toEqual([8, 8, true]);
  });

  it("fails a mesh at its end, and its axes have their velocities", async () => {
    const { clock, fast, slow, line, contMesh, monitor, camera, values } = setUp();
    const failing = errorOf(contMesh(fast, 0, 2, 3, slow, 0, 2, 3, 1, monitor, camera, { countTime: 0.2 }));
    line.loseNext();
    expect(await clock.run(failing)).toMatchObject({ code: "ACQUISITION_FAILED", points: 8, expected: 9 });
    expect([values("slow").length, fast.velocity, slow.velocity, clock.sleepers]).toEqual([9, 4, 4, 0]);
  });

  it("that was the only one of a step fails the scan at that step", async () => {
    const { clock, card, slow, newScan, values } = setUp();
    const camera = new SimulatedCamera({ name: "camera", line: card.output, clock });
    const params = { acq_nb_frames: 4, acq_expo_time: 0.1, acq_trigger_mode: "EXTERNAL_TRIGGER" } as const;
    const chain = new AcquisitionChain();
    const steps = new LinearStepTriggerMaster(3, [{ axis: slow, start: 0, stop: 2 }]);
    const pulses = new CounterCardMaster(card, { npoints: 1, period: 0.5 });
    chain.add(steps, pulses);
    chain.add(pulses, new CameraAcquisitionSlave(camera, params));
    let sent = 0;
    card.output.onPulse(() => {
      if (++sent === 1) card.output.loseNext();
    });
    const failing = errorOf(newScan(chain).run());
    expect(await clock.run(failing)).toMatchObject({ source: "camera", points: 0, expected: 4 });
    expect([values("frame"), values("axis:slow")]).toEqual([
      [0, 1, 2, 3],
      [0, 1],
    ]);
  });

  it("does not end the exposure that is going on", async () => {
    const { clock, fast, camera, newScan, values } = setUp();
    const params = { acq_nb_frames: 2, acq_expo_time: 100, acq_trigger_mode: "EXTERNAL_TRIGGER" } as const;
    const chain = new AcquisitionChain();
    const slave = new CameraAcquisitionSlave(camera, params);
    chain.add(new HardwarePositionTriggerMaster(fast, 0, 1, 1, { time: 1 }), slave);
    await clock.run(newScan(chain).run());
    expect([values("frame"), clock.now() > 200]).toEqual([[0, 1], true]);
  });
});

describe("a pulse that nobody asked for", () => {
  it("after the last point is not heard", async () => {
    const { clock, fast, line, contScan, monitor, camera, values, scans } = setUp();
    line.onPulse(({ index, time }) => {
      if (index === 10) line.pulse(time);
    });
    await clock.run(contScan(fast, 0, 10, 11, 5, monitor, { countTime: 0.2 }));
    expect([values("monitor").length, scans[0]?.state]).toEqual([11, "DONE"]);
    line.pulse(clock.now());
    await clock.run(contScan(fast, 0, 10, 11, 5, camera, { countTime: 0.2 }));
    expect(values("frame")).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it("between two points is a point: the last one of the axis is not heard, and there are no more than wanted", async () => {
    const { clock, fast, line, contScan, monitor, camera, values, scans } = setUp();
    const running = contScan(fast, 0, 10, 11, 5, monitor, camera, { countTime: 0.1 });
    line.onPulse(({ index, time }) => {
      if (index === 5) void clock.sleep(0.25).then(() => line.pulse(time + 0.25));
    });
    await clock.run(running);
    expect([values("monitor").length, values("frame").length, line.count]).toEqual([11, 11, 12]);
    expect(scans[0]?.state).toBe("DONE");
  });

  it.each(["INTERNAL_TRIGGER_MULTI", "EXTERNAL_TRIGGER_MULTI"] as const)(
    "takes no frame after those that a camera was asked for: %s",
    async (mode) => {
      const { clock, fast, camera, newScan, values } = setUp();
      const chain = new AcquisitionChain();
      const params = { acq_nb_frames: 3, acq_expo_time: 0.05, acq_trigger_mode: mode };
      const slave = new CameraAcquisitionSlave(camera, params);
      await clock.run(fast.initialize());
      chain.add(new HardwarePositionTriggerMaster(fast, 0, 1, 5, { time: 1 }), slave);
      await clock.run(newScan(chain).run());
      expect([values("frame"), values("axis:fast").length]).toEqual([[0, 1, 2], 5]);
    },
  );

  it("during an exposure fails the scan at once", async () => {
    const { clock, fast, line, contScan, camera } = setUp();
    const failing = errorOf(contScan(fast, 0, 10, 11, 5, camera, { countTime: 0.2 }));
    line.onPulse(({ index, time }) => {
      if (index === 5) void clock.sleep(0.1).then(() => line.pulse(time + 0.1));
    });
    expect(String(await clock.run(failing))).toContain(
      "camera was triggered while it took a frame (0.2 s of exposure)",
    );
    expect([fast.isMoving, fast.position < 10]).toEqual([false, true]);
  });
});
