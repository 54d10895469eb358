import type { AcquisitionContext } from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import type { Axis } from "./axis.js";
import { ContinuousMaster, type ContinuousMasterOptions } from "./continuous-master.js";
import { planSweep, type Sweep, type SweepOptions, sweepVelocity } from "./sweep.js";

export interface MotorMasterOptions extends SweepOptions, ContinuousMasterOptions {
  /** Below a master, every second run goes backwards, from end to start. Default false. */
  readonly backnforth?: boolean | undefined;
}

/**
 * Moves an axis at constant velocity from start to end, and triggers its slaves once, before it moves.
 *
 * At the top of a chain there is one run, below a master one each time that it triggers. Several starts make as many runs,
 * each up to the next start and the last one to the end, all at the velocity of the first.
 *
 * @example
 * chain.add(new MotorMaster(roby, 0, 10, { time: 5 }), camera); // 2 mm/s; the camera takes its frames meanwhile
 *
 * @see BLISS `bliss/scanning/acquisition/motor.py`, class `MotorMaster`
 */
export class MotorMaster extends ContinuousMaster {
  readonly axis: Axis;
  /** In the order in which they are made; those of the way back are not among them. */
  protected readonly sweeps: readonly Sweep[];
  readonly #back: Sweep | undefined;
  #index = 0;
  #isBack = false;

  /**
   * @throws AxisLimitError when the way, undershoot included, leaves the limits of the axis
   * @throws ArgumentError for a velocity that the axis must not have, no way, or several starts back and forth
   */
  constructor(
    axis: Axis,
    start: number | readonly number[],
    end: number,
    options: MotorMasterOptions & { readonly npoints?: number } = {},
  ) {
    const runs = runsOf(start, end);
    const [[first, next] = [Number.NaN, end]] = runs;
    if (options.backnforth && runs.length > 1) {
      throw new ArgumentError("backnforth", "backnforth is true with several starts: expected one start");
    }
    const planned = { ...options, velocity: sweepVelocity(axis, first, next, options.time) };
    const sweeps = runs.map((run) => planSweep(axis, run, planned));
    const back = options.backnforth ? planSweep(axis, [next, first], planned) : undefined;
    super([axis], options);
    this.axis = axis;
    this.sweeps = sweeps;
    this.#back = back;
  }

  override *iterations(): Generator<number> {
    for (this.#index = 0; this.#index < this.sweeps.length; this.#index++) yield this.#index;
  }

  prepare(context: AcquisitionContext): Promise<void> {
    return this.approach([this.#current], context);
  }

  protected override async run(context: AcquisitionContext): Promise<void> {
    await this.cross(this.#current, context);
    this.#isBack = !this.#isBack;
    await this.waitSlaves(context);
  }

  /** Triggers the slaves, and makes one run. */
  protected async cross(sweep: Sweep, context: AcquisitionContext): Promise<void> {
    this.triggerSlaves(context);
    await this.sweep([sweep], context);
  }

  get #current(): Sweep {
    const sweep = this.#isBack && this.#back ? this.#back : this.sweeps[this.#index];
    if (!sweep) throw new RangeError(`${this.name} has no run ${this.#index}`);
    return sweep;
  }
}

/** From each start to the next, and from the last one to the end. */
function runsOf(start: number | readonly number[], end: number): [number, number][] {
  const starts = typeof start === "number" ? [start] : start;
  if (starts.length === 0) throw new ArgumentError("start", "start is an empty list; expected at least one position");
  return starts.map((from, index) => [from, starts[index + 1] ?? end]);
}
