import { VirtualClock } from "@beamtime/concurrency";
import { gaussianCounter, simulatedAxis, simulatedDiode } from "@beamtime/controller-simulation";
import { memoryScanSaving, Scan, ScanRecorder } from "@beamtime/core";
import type { Counter } from "@beamtime/counters";
import type { Axis } from "@beamtime/motion";
import { createScanCommands, type ScanCommands } from "../src/index.js";

/** Two axes and two counters on a virtual clock, and the commands that scan them; what scans tell is recorded. */
export interface VirtualBeamline extends ScanCommands {
  readonly clock: VirtualClock;
  readonly roby: Axis;
  readonly robz: Axis;
  readonly diode: Counter;
  readonly gauss: Counter;
  readonly recorder: ScanRecorder;
}

export async function virtualBeamline(): Promise<VirtualBeamline> {
  const clock = new VirtualClock();
  const axis = { clock, unit: "mm", lowLimit: -10, highLimit: 10 };
  const roby = simulatedAxis({ ...axis, name: "roby" });
  const robz = simulatedAxis({ ...axis, name: "robz" });
  await clock.run(async () => {
    await roby.initialize();
    await robz.initialize();
  });
  const diode = simulatedDiode({ name: "diode", clock, seed: 1, constant: 42 });
  const gauss = gaussianCounter({ name: "gauss", axis: roby, mu: 0, sigma: 1, height: 100, clock });
  const recorder = new ScanRecorder();
  const scanSaving = memoryScanSaving();
  const commands = createScanCommands({
    newScan: (chain, options) => new Scan(chain, { ...options, clock, scanSaving, sinks: [recorder] }),
    defaultCounters: () => [diode],
  });
  return { clock, roby, robz, diode, gauss, recorder, ...commands };
}
