import type { AcquisitionContext } from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import type { Axis } from "./axis.js";
import { ContinuousMaster, type ContinuousMasterOptions } from "./continuous-master.js";
import { passingTimes, planSweep, type Sweep, type SweepOptions, sweepVelocity } from "./sweep.js";

/** One of two axes that move together, in user units. */
export interface MotorRange extends Omit<SweepOptions, "time"> {
  readonly axis: Axis;
  readonly start: number;
  readonly end: number;
}

export interface TwoMotorMasterOptions extends ContinuousMasterOptions {
  /** Seconds from the starts to the ends; 0: each at the velocity that it has. Default 0. */
  readonly time?: number | undefined;
}

/**
 * Moves two axes at the same time, each at constant velocity, and triggers its slaves once, before they move.
 *
 * Both pass their starts together: the one that would be there first begins further away.
 *
 * @example
 * chain.add(new TwoMotorMaster({ axis: theta, start: 0, end: 10 }, { axis: twoTheta, start: 0, end: 20 }, { time: 60 }), camera);
 *
 * @see BLISS `bliss/scanning/acquisition/motor.py`, class `TwoMotorMaster`
 */
export class TwoMotorMaster extends ContinuousMaster {
  readonly #sweeps: readonly Sweep[];

  /** @throws AxisLimitError when a way leaves the limits; ArgumentError for one axis twice or a velocity it must not have */
  constructor(first: MotorRange, second: MotorRange, { time, ...options }: TwoMotorMasterOptions = {}) {
    const ranges = [first, second];
    if (first.axis === second.axis) {
      throw new ArgumentError("second", `${first.axis.name} is given twice: expected two axes`);
    }
    const planned = ranges.map((range) => planRange(range, time));
    const leads = planned.map(({ lead }) => lead);
    const longest = Math.max(...leads);
    super(
      ranges.map(({ axis }) => axis),
      options,
    );
    this.#sweeps = ranges.map((range, i) => planRange(range, time, longest - (leads[i] ?? longest)).sweep);
  }

  prepare(context: AcquisitionContext): Promise<void> {
    return this.approach(this.#sweeps, context);
  }

  protected override async run(context: AcquisitionContext): Promise<void> {
    this.triggerSlaves(context);
    await this.sweep(this.#sweeps, context);
    await this.waitSlaves(context);
  }
}

/** @param later seconds by which it is to pass its start later */
function planRange(range: MotorRange, time: number | undefined, later = 0): { sweep: Sweep; lead: number } {
  const { axis, start, end, undershootStartMargin = 0, ...options } = range;
  const velocity = sweepVelocity(axis, start, end, time);
  const margin = undershootStartMargin + later * velocity;
  const sweep = planSweep(axis, [start, end], { ...options, velocity, undershootStartMargin: margin });
  return { sweep, lead: passingTimes(sweep, Float64Array.of(start))[0] ?? Number.NaN };
}
