import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  AcquisitionChain,
  AcquisitionChannel,
  type AcquisitionContext,
  AcquisitionMaster,
  ScanAbort,
  type ScanInfo,
  SoftwareTimerMaster,
} from "../src/index.js";
import { Giver, ran, timerChain } from "./giver.js";
import { Probe, referenceChain, runTraced } from "./traced-chain.js";

describe("scan_info", () => {
  it("has the content of BLISS for an ascan", async () => {
    class Step extends AcquisitionMaster {
      constructor() {
        super({ name: "axis", npoints: 3 });
        this.channels.push(new AcquisitionChannel("axis:roby", "float64", [], { unit: "mm" }));
      }
      override *iterations(): Iterable<number> {
        yield* [0, 1, 2];
      }
      override channelInfo(): { [fullname: string]: ScanInfo } {
        return { "axis:roby": { start: 0, stop: 2, points: 3 } };
      }
      prepare(): void {}
      async start(context: AcquisitionContext): Promise<void> {
        this.triggerSlaves(context);
        await this.waitSlaves(context);
      }
      stop(): void {}
    }
    class Diode extends Giver {
      override metadata(): ScanInfo {
        return {};
      }
    }
    const chain = new AcquisitionChain({ parallelPrepare: true });
    const timer = new SoftwareTimerMaster(0.01, { npoints: 3 });
    chain.add(new Step(), timer);
    chain.add(timer, new Diode("simulation_diode_sampling_controller:diode", [1, 2, 3]));
    const scan = await ran(chain, {
      name: "ascan",
      title: "ascan roby 0.0000 2.0000 2 0.01",
      scanInfo: { type: "ascan", npoints: 3, count_time: 0.01, start: [0], stop: [2] },
      scanMetadata: (timing) =>
        timing === "start"
          ? { positioners: { positioners_start: { roby: 0 } }, technique: { "@NX_class": "NXcollection" } }
          : { positioners: { positioners_end: { roby: 2 } } },
    });
    const diode = "simulation_diode_sampling_controller:diode";
    const [axisId, timerId, diodeId] = ["1:axis", "2:timer", "3:simulation_diode_sampling_controller"];
    const time = (seconds: number, value: string): ScanInfo => ({
      [`${value}_time`]: new Date(seconds * 1000),
      [`${value}_timestamp`]: seconds,
      [`${value}_time_str`]: expect.stringMatching(/^\w{3} Nov 1[45] \d\d:\d\d:\d\d 2023$/) as string,
    });
    expect(scan.scanInfo).toEqual({
      title: "ascan roby 0.0000 2.0000 2 0.01",
      type: "ascan",
      npoints: 3,
      count_time: 0.01,
      start: [0],
      stop: [2],
      save: true,
      shadow_scan_number: false,
      scan_nb: 1,
      session_name: "",
      filename: "",
      publisher: "Beamtime",
      publisher_version: expect.any(String) as string,
      ...time(1_700_000_000, "start"),
      ...time(1_700_000_000.03, "end"),
      state: "DONE",
      channels: {
        "axis:roby": { start: 0, stop: 2, points: 3, device: axisId, unit: "mm", display_name: "roby", dim: 0 },
        "timer:elapsed_time": { device: timerId, unit: "s", display_name: "elapsed_time", dim: 0 },
        "timer:epoch": { device: timerId, unit: "s", display_name: "epoch", dim: 0 },
        [diode]: { device: diodeId, display_name: "diode", dim: 0 },
      },
      devices: {
        [axisId]: { triggered_devices: [timerId], channels: ["axis:roby"] },
        [timerId]: { triggered_devices: [diodeId], channels: ["timer:elapsed_time", "timer:epoch"] },
        [diodeId]: { channels: [diode], metadata: {} },
      },
      acquisition_chain: {
        axis: {
          master: { scalars: ["axis:roby"], spectra: [], images: [] },
          scalars: ["timer:elapsed_time", "timer:epoch", diode],
          spectra: [],
          images: [],
          devices: [axisId, timerId, diodeId],
        },
      },
      scan_meta_categories: ["positioners", "technique"],
      positioners: { positioners_start: { roby: 0 }, positioners_end: { roby: 2 } },
      technique: { "@NX_class": "NXcollection" },
    });
  });

  it("tells the version of this package", async () => {
    const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    const { scanInfo } = await ran(timerChain(1));
    expect(manifest).toMatchObject({ version: scanInfo["publisher_version"] });
  });

  it("asks for no end metadata after a failure, but after an abort", async () => {
    for (const [fault, timings] of [
      [() => Promise.reject(new Error("x")), ["start"]],
      [() => Promise.reject(new ScanAbort()), ["start", "end"]],
    ] as const) {
      const probe = new Probe();
      const asked: string[] = [];
      probe.faults.set("motor.start", fault);
      await runTraced(probe, referenceChain(probe), {
        scanMetadata: (timing) => {
          asked.push(timing);
          return {};
        },
      });
      expect(asked).toEqual(timings);
    }
  });
});
