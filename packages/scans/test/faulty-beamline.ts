import { VirtualClock } from "@beamtime/concurrency";
import {
  SimulatedCamera,
  SimulatedMotorController,
  simulatedAxis,
  simulatedDiode,
} from "@beamtime/controller-simulation";
import { type AcquisitionObject, memoryScanSaving, Scan, ScanRecorder, type ScanSink } from "@beamtime/core";
import type { Counter, CountingParameters } from "@beamtime/counters";
import { createScanCommands } from "@beamtime/scans";

/** Seconds that a call of a controller may take here. */
export const answerTime = 0.5;

/** A camera that counts how often its acquisitions are stopped. */
class WatchedCamera extends SimulatedCamera {
  stops = 0;

  override createAcquisitionObject(counters: readonly Counter[], parameters: CountingParameters): AcquisitionObject {
    const object = super.createAcquisitionObject(counters, parameters);
    const stop = object.stop.bind(object);
    object.stop = (context) => {
      this.stops += 1;
      return stop(context);
    };
    return object;
  }
}

/** Counts its sinks that are open. */
class WatchedRecorder extends ScanRecorder {
  openSinks = 0;

  override open(): ScanSink {
    this.openSinks += 1;
    const close = async (): Promise<void> => {
      this.openSinks -= 1;
    };
    return { ...super.open(), close };
  }
}

/**
 * Axes `x` and `y` of the controller `left`, `z` of `right`: 4 mm/s, 40 mm/s², 1000 steps/mm, limits at ±20 mm; `x` has end switches at
 * ±6 mm. Scans are recorded, and count a camera and a diode.
 */
export async function faultyBeamline() {
  const clock = new VirtualClock();
  const left = new SimulatedMotorController({ name: "left", clock });
  const right = new SimulatedMotorController({ name: "right", clock });
  left.addMotor("x", { limits: [-6000, 6000] });
  const shared = { clock, unit: "mm", stepsPerUnit: 1000, velocity: 4, acceleration: 40, lowLimit: -20, highLimit: 20 };
  const x = simulatedAxis({ ...shared, answerTime, name: "x", controller: left });
  const y = simulatedAxis({ ...shared, answerTime, name: "y", controller: left });
  const z = simulatedAxis({ ...shared, answerTime, name: "z", controller: right });
  for (const axis of [x, y, z]) await axis.initialize();
  const camera = new WatchedCamera({ name: "camera", clock });
  const diode = simulatedDiode({ name: "diode", clock, constant: 42 });
  const recorder = new WatchedRecorder();
  const scanSaving = memoryScanSaving();
  const scans: Scan[] = [];
  const commands = createScanCommands({
    newScan(chain, options) {
      const scan = new Scan(chain, { ...options, clock, scanSaving, sinks: [recorder] });
      scans.push(scan);
      return scan;
    },
    defaultCounters: () => [diode, ...camera.counters],
  });
  /** What scans have told: values of a channel, and how the scan ended. */
  const told = () => {
    const ended = recorder.events.find(({ type }) => type === "ended");
    const states = recorder.events.flatMap((event) => (event.type === "state" ? [event.state] : []));
    return { ended, state: states.at(-1), warnings: recorder.events.filter(({ type }) => type === "warning") };
  };
  const values = (key: string): number[] => {
    // scalars come as Float64Array
    const data = scans.at(-1)?.getData(key) as Float64Array;
    return Array.from(data, (value) => Math.round(value * 1e6) / 1e6);
  };
  return { clock, left, right, x, y, z, camera, diode, recorder, scans, told, values, ...commands };
}

export type FaultyBeamline = Awaited<ReturnType<typeof faultyBeamline>>;

/** What a promise is rejected with; undefined when it resolves. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return error;
  }
}
