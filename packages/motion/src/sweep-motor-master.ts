import type { AcquisitionContext } from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import type { Axis } from "./axis.js";
import { ContinuousMaster, type ContinuousMasterOptions } from "./continuous-master.js";
import { linspace, mostPoints } from "./linspace.js";
import { checkRange, planSweep, type Sweep, type SweepOptions, sweepVelocity } from "./sweep.js";

export interface SweepMotorMasterOptions extends Omit<SweepOptions, "time">, ContinuousMasterOptions {
  /** Seconds of one sweep; 0: at the velocity that the axis has. Default 0. */
  readonly time?: number | undefined;
}

/**
 * Runs through [start, end] in pieces, one after the other, for detectors that need long between two points: before each piece
 * the axis goes back by the undershoot and starts anew. The slaves are triggered once, before the first piece.
 *
 * @example
 * new SweepMotorMaster(omega, 0, 90, 90, { time: 1 }); // 90 sweeps of 1°, 1 s each
 *
 * @see BLISS `bliss/scanning/acquisition/motor.py`, class `SweepMotorMaster`
 */
export class SweepMotorMaster extends ContinuousMaster {
  readonly #sweeps: readonly Sweep[];

  /** @throws AxisLimitError when a way leaves the limits; ArgumentError for no sweep or a velocity it must not have */
  constructor(
    axis: Axis,
    start: number,
    end: number,
    npoints: number,
    { time, ...options }: SweepMotorMasterOptions = {},
  ) {
    if (!Number.isInteger(npoints) || npoints < 1 || npoints >= mostPoints) {
      throw new ArgumentError("npoints", `npoints is ${npoints}; expected an integer from 1 to ${mostPoints - 1}`);
    }
    checkRange(axis, start, end);
    const bounds = linspace(start, end, npoints + 1);
    const [first = start, second = end] = bounds;
    const velocity = sweepVelocity(axis, first, second, time);
    super([axis], { ...options, npoints });
    this.#sweeps = Array.from({ length: npoints }, (_, index) => {
      const [from = start, to = end] = bounds.subarray(index, index + 2);
      return planSweep(axis, [from, to], { ...options, velocity });
    });
  }

  prepare(context: AcquisitionContext): Promise<void> {
    return this.approach(this.#sweeps.slice(0, 1), context);
  }

  protected override async run(context: AcquisitionContext): Promise<void> {
    this.triggerSlaves(context);
    for (const [index, sweep] of this.#sweeps.entries()) {
      if (index > 0) await this.approach([sweep], context);
      await this.sweep([sweep], context);
    }
    await this.waitSlaves(context);
  }
}
