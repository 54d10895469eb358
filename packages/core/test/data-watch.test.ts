import { VirtualClock } from "@beamtime/concurrency";
import { expect, it } from "vitest";
import { AcquisitionChain, type DataWatch, Scan, ScanRecorder, SoftwareTimerMaster, watchSink } from "../src/index.js";

function scanOf(clock: VirtualClock, npoints: number, watch: () => DataWatch): { scan: Scan; recorder: ScanRecorder } {
  const chain = new AcquisitionChain();
  chain.add(new SoftwareTimerMaster(0.1, { npoints }));
  const recorder = new ScanRecorder();
  return { scan: new Scan(chain, { clock, sinks: [watchSink("display", watch), recorder] }), recorder };
}

it("a watch hears of everything in order, however slow it is, and does not slow the scan", async () => {
  const clock = new VirtualClock();
  const calls: string[] = [];
  let points = 0;
  let endOfScan = 0;
  const { scan } = scanOf(clock, 50, () => ({
    onScanNew: ({ identity }) => void calls.push(`new ${identity.name}`),
    onDevices: ({ channels }) => void calls.push(`devices ${channels.length}`),
    onState: (state) => {
      calls.push(state);
      if (state === "STOPPING") endOfScan = clock.now();
    },
    onScanData: async (events) => {
      for (const { npoints } of events) points += npoints;
      calls.push("data");
      await clock.sleep(1);
    },
    onScanEnd: ({ reason }) => void calls.push(reason),
  }));
  await clock.run(scan.run());
  expect(points).toBe(100);
  expect(calls.filter((call) => call === "data").length).toBeLessThan(10);
  expect(calls.filter((call) => call !== "data")).toEqual([
    "new scan",
    "PREPARING",
    "devices 2",
    "STARTING",
    "STOPPING",
    "SUCCESS",
    "DONE",
  ]);
  expect(calls.lastIndexOf("data")).toBeLessThan(calls.indexOf("SUCCESS"));
  expect(endOfScan).toBeLessThan(7);
});

it("a watch that fails is a warning, and the scan goes on", async () => {
  const clock = new VirtualClock();
  const { scan, recorder } = scanOf(clock, 5, () => ({
    onScanData: () => {
      throw new Error("no terminal");
    },
  }));
  await clock.run(scan.run());
  expect(scan.state).toBe("DONE");
  expect(recorder.events).toContainEqual(
    expect.objectContaining({ type: "warning", message: "display is no longer used: no terminal" }),
  );
});

it("a watch is made anew for each scan", async () => {
  const clock = new VirtualClock();
  let made = 0;
  const factory = watchSink("display", () => {
    made++;
    return {};
  });
  for (let run = 0; run < 2; run++) {
    const chain = new AcquisitionChain();
    chain.add(new SoftwareTimerMaster(0.1));
    await clock.run(new Scan(chain, { clock, sinks: [factory] }).run());
  }
  expect(made).toBe(2);
});
