import type { ScanInfo } from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import type { Axis } from "./axis.js";
import { linspace } from "./linspace.js";
import { StepTriggerMaster, type StepTriggerMasterOptions } from "./step-trigger-master.js";

/** One axis of a linear scan, in user units. */
export interface LinearSweep {
  readonly axis: Axis;
  readonly start: number;
  readonly stop: number;
  /** What else displays should know of it: `axis-id`, … */
  readonly info?: ScanInfo;
}

/**
 * Steps axes together along straight lines, start and stop included.
 *
 * @example
 * new LinearStepTriggerMaster(11, [{ axis: roby, start: 0, stop: 10 }]); // 0, 1, … 10
 */
export class LinearStepTriggerMaster extends StepTriggerMaster {
  /** @throws AxisLimitError when a position is beyond the limits; ArgumentError for no axis, or one given twice */
  constructor(
    npoints: number,
    sweeps: readonly LinearSweep[],
    options: Pick<StepTriggerMasterOptions, "positionsFirst"> = {},
  ) {
    if (sweeps.length === 0) throw new ArgumentError("sweeps", "no axis: expected at least one {axis, start, stop}");
    super(
      sweeps.map(({ axis, start, stop, info }) => ({
        axis,
        positions: linspace(start, stop, npoints),
        info: { start, stop, points: npoints, ...info },
      })),
      options,
    );
  }
}
