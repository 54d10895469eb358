import { ArgumentError } from "@beamtime/errors";
import type { Axis } from "./axis.js";
import { checkFinite } from "./axis-arguments.js";
import { backlashDetour } from "./backlash-detour.js";
import { checkTrajectory } from "./check-trajectory.js";
import { Trajectory } from "./trajectory.js";

/** Where an axis runs at constant velocity, and the way before and after that it needs for it. In user units. */
export interface Sweep {
  readonly axis: Axis;
  /** Here the velocity is reached. */
  readonly start: number;
  /** Up to here it is kept, or further. */
  readonly end: number;
  /** Units/s, positive. */
  readonly velocity: number;
  /** Where the motion begins, at rest. */
  readonly moveStart: number;
  /** Where it ends, at rest. */
  readonly moveEnd: number;
}

/** How an axis runs through a range. */
export interface SweepOptions {
  /** Seconds from start to end; 0: at the velocity that the axis has. Default 0. */
  readonly time?: number | undefined;
  /** Way to gain speed before the start and to lose it after the end. Default v²/(2a), which is just enough. */
  readonly undershoot?: number | undefined;
  /** Additional way before the start, at constant velocity. Default 0. */
  readonly undershootStartMargin?: number | undefined;
  /** Additional way after the end, at constant velocity. Default 0. */
  readonly undershootEndMargin?: number | undefined;
}

/** The velocity for a range in so many seconds, units/s. @throws ArgumentError when the axis must not or cannot have it */
export function sweepVelocity(axis: Axis, start: number, end: number, time = 0): number {
  checkRange(axis, start, end);
  if (!(time >= 0) || !Number.isFinite(time)) {
    throw new ArgumentError(
      "time",
      `time is ${time}; expected seconds from start to end, or 0 for the velocity of now`,
    );
  }
  const unit = axis.unit ?? "units";
  if (time === 0) {
    if (axis.velocity > 0) return axis.velocity;
    throw new ArgumentError(
      "time",
      `the velocity of ${axis.name} is not known: expected a time, or initialize() before`,
    );
  }
  const distance = Math.abs(end - start);
  const [low, high] = axis.velocityLimits;
  const asked = distance / time;
  const isNear = (limit: number): boolean => asked >= limit * (1 - rounding) && asked <= limit * (1 + rounding);
  const velocity = [low, high].find(isNear) ?? asked;
  if (velocity < low || velocity > high) {
    const within = velocity > high ? `${distance / high} s or more` : `${distance / low} s or less`;
    throw new ArgumentError(
      "time",
      `${axis.name} would go from ${start} to ${end} ${unit} in ${time} s, at ${velocity} ${unit}/s; ` +
        `expected ${low} to ${high} ${unit}/s, its velocityLimits: ${within}`,
    );
  }
  if (velocity !== axis.velocity && !axis.capabilities.velocity) {
    throw new ArgumentError(
      "time",
      `the controller ${axis.controller.name} of ${axis.name} cannot set a velocity: expected time 0, for the one it has`,
    );
  }
  return velocity;
}

/**
 * Plans a run through a range.
 *
 * @param velocity units/s
 * @throws AxisLimitError when the way, undershoot included, leaves the limits; ArgumentError for no way, or a negative undershoot
 * @see BLISS `bliss/scanning/acquisition/motor.py`, class `UndershootMixin`
 */
export function planSweep(
  axis: Axis,
  [start, end]: readonly [number, number],
  { velocity, ...options }: SweepOptions & { readonly velocity: number },
): Sweep {
  checkRange(axis, start, end);
  const direction = Math.sign(end - start);
  const undershoot = wayOf("undershoot", options.undershoot) ?? rampOf(axis, velocity);
  const before = undershoot + (wayOf("undershootStartMargin", options.undershootStartMargin) ?? 0);
  const after = undershoot + (wayOf("undershootEndMargin", options.undershootEndMargin) ?? 0);
  const sweep = { axis, start, end, velocity, moveStart: start - direction * before, moveEnd: end + direction * after };
  checkTrajectory([[axis, [sweep.moveStart, start, end, sweep.moveEnd]]]);
  backlashDetour(axis.drive, sweep.moveStart, sweep.moveEnd);
  return sweep;
}

/** When a sweep passes positions on its way, in seconds from the start of the motion. */
export function passingTimes({ axis, velocity, moveStart, moveEnd }: Sweep, positions: Float64Array): Float64Array {
  const { acceleration } = axis;
  if (!(acceleration > 0)) return positions.map((position) => Math.abs(position - moveStart) / velocity);
  const trajectory = Trajectory.move(moveStart, moveEnd, { velocity, acceleration });
  const direction = moveEnd > moveStart ? 1 : -1;
  return positions.map((position) => trajectory.timeOf(position, direction) ?? trajectory.end);
}

/** The way from rest to a velocity, v²/(2a); 0 for a controller that tells no acceleration. */
export function rampOf(axis: Axis, velocity: number): number {
  const { acceleration } = axis;
  if (acceleration > 0) return velocity ** 2 / (2 * acceleration);
  if (axis.isInitialized || !axis.controller.readAcceleration) return 0;
  const message = `the acceleration of ${axis.name} is not known: expected an undershoot, or initialize() before`;
  throw new ArgumentError("undershoot", message);
}

/** Part of a velocity by which roundings of positions and times may lead beyond its limits. */
const rounding = 1e-9;

/** A way from one position to another. @throws ArgumentError */
export function checkRange(axis: Axis, start: number, end: number): void {
  checkFinite(axis.name, "start", start);
  checkFinite(axis.name, "end", end);
  if (start === end) {
    throw new ArgumentError("end", `start and end of ${axis.name} are both ${start}; expected a way between them`);
  }
}

/** A length that may be left out. @throws ArgumentError */
export function wayOf(name: string, way: number | undefined): number | undefined {
  if (way === undefined || (way >= 0 && Number.isFinite(way))) return way;
  throw new ArgumentError(name, `${name} is ${way}; expected a way in units of the axis, 0 or more`);
}
