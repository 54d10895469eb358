import { abortable, deferred, TaskGroup } from "@beamtime/concurrency";
import { AcquisitionChannel, type AcquisitionContext, type ScanInfo } from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import type { Axis } from "./axis.js";
import { mostPoints } from "./linspace.js";
import { MotorMaster, type MotorMasterOptions } from "./motor-master.js";
import { passingTimes, type Sweep } from "./sweep.js";

export interface PositionTriggerMasterOptions extends Omit<MotorMasterOptions, "triggerType"> {
  /**
   * `inclusive`: the first point is at the start and the last one at the end, and the axis goes one step further, so that the
   * last exposure is as the others. `exclusive`: the last point is one step before the end. Default `inclusive`.
   */
  readonly points?: "inclusive" | "exclusive" | undefined;
}

/**
 * Triggers its slaves at equidistant positions while an axis runs at constant velocity, each when the axis should pass it,
 * counted from the start of the motion: no error adds up. Emits these positions as `axis:<name>`.
 */
export abstract class PositionTriggerMaster extends MotorMaster {
  /** From one point to the next, in units of the axis, positive. */
  readonly step: number;
  readonly #channel: AcquisitionChannel;
  readonly #info: ScanInfo;
  readonly #includesEnd: boolean;

  /**
   * @param npoints from `start` to `end`; with several starts up to the next one: the other runs have the same step
   * @throws as MotorMaster; ArgumentError for no point
   */
  constructor(
    axis: Axis,
    start: number | readonly number[],
    end: number,
    npoints: number,
    { points = "inclusive", ...options }: PositionTriggerMasterOptions = {},
  ) {
    if (!Number.isInteger(npoints) || npoints < 1 || npoints > mostPoints) {
      throw new ArgumentError("npoints", `npoints is ${npoints}; expected an integer from 1 to ${mostPoints}`);
    }
    const includesEnd = points === "inclusive" && npoints > 1; // a single point lasts from start to end
    const starts = [start].flat();
    const [first = Number.NaN, next = end] = starts;
    const step = Math.abs(next - first) / (includesEnd ? npoints - 1 : npoints);
    const counts = starts.map((from, index) => countOf(Math.abs((starts[index + 1] ?? end) - from), step, includesEnd));
    const { undershootEndMargin = 0 } = options;
    super(axis, start, end, {
      ...options,
      undershootEndMargin: includesEnd ? undershootEndMargin + step : undershootEndMargin,
      npoints: counts.reduce((sum, count) => sum + count, 0),
    });
    this.step = step;
    this.#includesEnd = includesEnd;
    this.#info = { start: first, stop: end };
    this.#channel = new AcquisitionChannel(`axis:${axis.name}`, "float64", [], { unit: axis.unit });
    this.channels.push(this.#channel);
  }

  /** Seconds from one trigger to the next. */
  get period(): number {
    return this.step / (this.sweeps[0]?.velocity ?? Number.NaN);
  }

  override channelInfo(): Readonly<Record<string, ScanInfo>> {
    const points = this.parent ? {} : { points: this.npoints }; // below a master it runs as often as that wants
    return { [this.#channel.fullname]: { ...this.#info, ...points } };
  }

  /** What is emitted for a position that has been triggered. */
  protected positionAt(position: number, _context: AcquisitionContext): number | Promise<number> {
    return position;
  }

  protected positionsOf({ start, end }: Sweep): Float64Array {
    const count = countOf(Math.abs(end - start), this.step, this.#includesEnd);
    const step = Math.sign(end - start) * this.step;
    return Float64Array.from({ length: count }, (_, index) => {
      const position = start + index * step;
      return Math.abs(position - end) < nearly * this.step ? end : position;
    });
  }

  protected override async cross(sweep: Sweep, context: AcquisitionContext): Promise<void> {
    const { signal, clock } = context;
    const departure = deferred<number>();
    const leave = this.axis.onState((state) => {
      if (state.has("MOVING")) departure.resolve(clock.now());
    });
    try {
      await TaskGroup.run({ signal }, (group) => {
        void group.spawn((inner) => this.#triggerOnTheWay(sweep, departure.promise, { ...context, signal: inner }));
        void group.spawn(async (inner) => {
          await this.sweep([sweep], { signal: inner });
          departure.resolve(clock.now()); // had the axis told no motion, nobody should wait for it
        });
      });
    } finally {
      leave();
    }
  }

  async #triggerOnTheWay(sweep: Sweep, departure: Promise<number>, context: AcquisitionContext): Promise<void> {
    const { signal, clock } = context;
    const positions = this.positionsOf(sweep);
    const times = passingTimes(sweep, positions);
    const start = await abortable(departure, signal);
    for (const [index, position] of positions.entries()) {
      await clock.sleep(start + (times[index] ?? Number.NaN) - clock.now(), { signal });
      this.triggerSlaves(context);
      const emitted = this.positionAt(position, context);
      this.#channel.emit(typeof emitted === "number" ? emitted : await emitted);
    }
  }
}

/** Part of a step that roundings may amount to. */
const nearly = 1e-6;

function countOf(way: number, step: number, includesEnd: boolean): number {
  return Math.floor(way / step + nearly) + (includesEnd ? 1 : 0);
}
