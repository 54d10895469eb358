import type { AcquisitionObject } from "@beamtime/core";
import type { Counter, CountingParameters } from "@beamtime/counters";
import { SimulatedCounter, SimulatedCounterController } from "./simulated-counter.js";
import type { SimulatedReadingOptions } from "./simulated-diode.js";

export interface ScanShapedCounterOptions extends SimulatedReadingOptions {
  readonly height: number;
  /** Value, as a part of the height, at a point of a scan of so many points. */
  readonly profile: (index: number, npoints: number) => number;
}

class ScanShapedController extends SimulatedCounterController {
  index = 0;
  npoints = 1;

  override createAcquisitionObject(counters: readonly Counter[], parameters: CountingParameters): AcquisitionObject {
    this.index = 0;
    this.npoints = Math.max(1, parameters.npoints);
    return super.createAcquisitionObject(counters, parameters);
  }
}

/** A counter whose shape covers each scan, whatever moves: it knows of the scan only the number of the point. */
export function scanShapedCounter(options: ScanShapedCounterOptions): SimulatedCounter {
  const { height, profile } = options;
  const controller = new ScanShapedController({ ...options, name: "simulation_counter_controller" });
  return new SimulatedCounter(controller, {
    ...options,
    mode: "SINGLE", // one reading per point, so that readings count the points
    measure: () => height * profile(controller.index++, controller.npoints),
  });
}
