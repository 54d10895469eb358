import { type Clock, VirtualClock } from "@beamtime/concurrency";
import {
  SimulatedCamera,
  SimulatedCounterCard,
  SimulatedMotorController,
  simulatedAxis,
} from "@beamtime/controller-simulation";
import { memoryScanSaving, type Scan, ScanAbort, Scan as ScanClass } from "@beamtime/core";
import { Encoder } from "@beamtime/motion";
import { createScanCommands } from "@beamtime/scans";
import { expect, it } from "vitest";

/** Seconds by which sleepers wake too late, one after the other. */
const lateness = [0, 0.004, 0.0005, 0.011, 0, 0, 0.002];

/** A busy machine: who sleeps wakes late. */
function busyClock(clock: VirtualClock): Clock {
  let sleeps = 0;
  return {
    now: () => clock.now(),
    epoch: () => clock.epoch(),
    sleep: (seconds, options) =>
      clock.sleep(Math.max(0, seconds) + (lateness[sleeps++ % lateness.length] ?? 0), options),
  };
}

function setUp({ latency = 0 } = {}) {
  const virtual = new VirtualClock();
  const clock = busyClock(virtual);
  const motors = new SimulatedMotorController({ clock, latency });
  const encoder = new Encoder({ name: "fastenc", controller: motors, address: "fast", clock });
  const fast = simulatedAxis({ name: "fast", controller: motors, clock, velocity: 4, encoder });
  const line = motors.triggerLine("fast");
  const card = new SimulatedCounterCard({ name: "p201", line, clock });
  const monitor = card.addInput({ name: "monitor", rate: 1000 });
  const time = card.addInput({ name: "clock", rate: 1e6, mode: "latch" });
  const camera = new SimulatedCamera({ name: "camera", line, clock });
  const { contScan } = createScanCommands({
    newScan: (chain, options) => new ScanClass(chain, { ...options, clock, scanSaving: memoryScanSaving(), sinks: [] }),
    defaultCounters: () => [],
  });
  return { virtual, fast, monitor, time, camera, contScan };
}

const numbers = (scan: Scan, key: string): Float64Array => scan.getData(key) as Float64Array; // scalars

it("pulses take their points, however late this program hears of them", async () => {
  const { virtual, fast, monitor, time, camera, contScan } = setUp();
  const scan = await virtual.run(contScan(fast, 0, 2, 1001, 1, monitor, time, camera, { countTime: 0.0008 }));
  expect([scan.state, numbers(scan, "frame").length, numbers(scan, "fastenc").length]).toEqual(["DONE", 1001, 1001]);
  const [first = 0, ...times] = numbers(scan, "clock");
  for (const [i, at] of times.entries()) expect(at - first).toBeCloseTo((i + 1) * 1000, 3); // µs, as the axis passes them
  expect(new Set(numbers(scan, "monitor"))).toEqual(new Set([0.8]));
});

it("a pulse that comes in an exposure is one too early, also when this program hears of it after that", async () => {
  const { virtual, fast, camera, contScan } = setUp();
  camera.line?.onPulse(({ index, time }) => {
    if (index === 500) camera.line?.pulse(time + 0.0004);
  });
  const failing = virtual.run(contScan(fast, 0, 2, 1001, 1, camera, { countTime: 0.0008 }));
  await expect(failing).rejects.toThrow("camera was triggered while it took a frame");
  expect(fast.isMoving).toBe(false);
});

it("pulses do not wait for an encoder that answers slowly: its points are NaN meanwhile", async () => {
  const { virtual, fast, monitor, contScan } = setUp({ latency: 0.05 });
  const scan = await virtual.run(contScan(fast, 0, 2, 101, 1, monitor));
  const measured = Array.from(numbers(scan, "fastenc"));
  expect([scan.state, numbers(scan, "monitor").length, measured.length]).toEqual(["DONE", 101, 101]);
  const seen = measured.flatMap((position, point) => (Number.isNaN(position) ? [] : [{ position, point }]));
  expect(seen.length).toBeGreaterThan(5);
  expect(seen.length).toBeLessThan(40);
  for (const { position, point } of seen) expect(Math.abs(position - point * 0.02)).toBeLessThan(0.3); // 2 mm/s
});

it("a scan that is aborted does not wait for such an encoder", async () => {
  const { virtual, fast, monitor, contScan } = setUp({ latency: 0.05 });
  const aborting = new AbortController();
  const failing = contScan(fast, 0, 2, 101, 1, monitor, { signal: aborting.signal }).then(
    () => "done",
    (error: unknown) => error,
  );
  await virtual.advance(1.2);
  aborting.abort();
  expect(await virtual.run(failing)).toBeInstanceOf(ScanAbort);
  expect([fast.isMoving, virtual.now() < 2.5]).toEqual([false, true]);
});
