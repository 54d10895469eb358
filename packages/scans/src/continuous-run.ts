import type { Counter } from "@beamtime/counters";
import { ArgumentError } from "@beamtime/errors";
import {
  type Axis,
  AxisLimitError,
  HardwarePositionTriggerMaster,
  type PositionTriggerMaster,
  SoftwarePositionTriggerMaster,
} from "@beamtime/motion";
import { isTriggeredBy } from "./hardware-triggered.js";
import { expectOneOf, expectSeconds } from "./scan-arguments.js";
import type { ScanCommandOptions } from "./scan-command-options.js";

/** What triggers the points of a continuous scan. */
export type ContinuousTriggers = "hardware" | "software" | "steps";

export interface ContinuousScanOptions extends ScanCommandOptions {
  /**
   * Seconds that each point counts, less than what is free: from one to the next, less the dead time of the counters. Default 30 ms
   * less than that, but at least half of it.
   */
  readonly countTime?: number;
  /**
   * What triggers the points: pulses of the motor controller (`hardware`), this program at the time at which the axis passes them
   * (`software`), or the axis stops at each (`steps`). Default: the first of these that axis and counters are capable of.
   */
  readonly triggers?: ContinuousTriggers;
  /** Whether there is a point at `stop`. Default `inclusive`; `exclusive`: the last one is a step before. */
  readonly points?: "inclusive" | "exclusive";
}

/** Their names, beside those of every command. */
export const continuousOptions = ["countTime", "triggers", "points"] as const;

/** What a continuous scan is asked to do with its moving axis. */
export interface ContinuousRunRequest {
  /** As the user types it. */
  readonly command: string;
  readonly axis: Axis;
  readonly start: number;
  readonly stop: number;
  readonly npoints: number;
  /** Seconds from start to stop. */
  readonly time: number;
  readonly counters: readonly Counter[];
  readonly options: ContinuousScanOptions;
  readonly backnforth?: boolean;
}

/** How it does it. */
export interface ContinuousRun {
  /** Undefined: the axis stops at each point. */
  readonly master: PositionTriggerMaster | undefined;
  readonly triggers: ContinuousTriggers;
  /** Seconds per point. */
  readonly countTime: number;
  /** Where the last point is. */
  readonly last: number;
}

/** Chooses how an axis passes the points, and checks that it can, before anything moves. @throws ArgumentError */
export function planContinuousRun(request: ContinuousRunRequest): ContinuousRun {
  const { command, axis, start, stop, npoints, time, options } = request;
  if (options.sleepTime !== undefined) {
    throw new ArgumentError("sleepTime", `${command}: sleepTime is for scans that stop at their points: leave it out`);
  }
  if (start === stop) {
    throw new ArgumentError("stop", `${command}: start and stop are both ${start}; expected a way between them`);
  }
  const points = expectOneOf(command, "points", options.points, ["inclusive", "exclusive"]) ?? "inclusive";
  const includesStop = points === "inclusive" && npoints > 1;
  const period = time / (includesStop ? npoints - 1 : npoints);
  const triggers = triggersOf(request);
  const countTime = countTimeOf(request, period, triggers);
  const last = includesStop ? stop : stop - (stop - start) / npoints;
  if (triggers === "steps") return { master: undefined, triggers, countTime, last };
  const Master = triggers === "hardware" ? HardwarePositionTriggerMaster : SoftwarePositionTriggerMaster;
  const { backnforth } = request;
  try {
    return { master: new Master(axis, start, stop, npoints, { time, points, backnforth }), triggers, countTime, last };
  } catch (cause) {
    if (!(cause instanceof AxisLimitError)) throw cause;
    const unit = axis.unit ? ` ${axis.unit}` : "";
    const pace = `${rounded(Math.abs(stop - start) / time)}${unit}/s`;
    const need = `${axis.name} must go as far as ${cause.position}${unit} to run from ${start} to ${stop}${unit} in ${time} s (at ${pace})`;
    const range = `${cause.limits.join(" to ")}${unit}, its limits`;
    const help = "go less far, or take more time, so that it needs less way to gain speed";
    throw new ArgumentError("stop", `${command}: ${need}; expected a way within ${range}: ${help}`, { cause });
  }
}

function countTimeOf(request: ContinuousRunRequest, period: number, triggers: ContinuousTriggers): number {
  const { command, options, npoints, time, counters } = request;
  const waits = triggers === "steps"; // nobody hurries there
  const [slowest] = waits ? [] : [...counters].sort((a, b) => deadTimeOf(b) - deadTimeOf(a));
  const dead = slowest ? deadTimeOf(slowest) : 0;
  const free = period - dead;
  const apart = `${npoints} points in ${time} s are ${rounded(period)} s apart`;
  const busy = dead > 0 ? `, and ${slowest?.controller.name} is busy for ${dead} s after each` : "";
  if (options.countTime === undefined) {
    if (free > 0) return Math.max(free / 2, free - 0.03);
    const help = `expected more than ${rounded((time / period) * dead)} s, or fewer points`;
    throw new ArgumentError("time", `${command}: ${apart}${busy}; ${help}`);
  }
  const countTime = expectSeconds(command, "countTime", options.countTime);
  if (countTime < free) return countTime;
  throw new ArgumentError(
    "countTime",
    `${command}: countTime is ${countTime} s, but ${apart}${busy}; expected a shorter countTime, more time, or fewer points`,
  );
}

function deadTimeOf({ controller }: Counter): number {
  return controller.deadTime ?? 0;
}

function rounded(seconds: number): number {
  return Number(seconds.toPrecision(4));
}

function triggersOf({ command, axis, counters, options }: ContinuousRunRequest): ContinuousTriggers {
  const { velocity, triggers } = axis.capabilities;
  const deaf = counters.filter(({ controller }) => !isTriggeredBy(controller, axis));
  const wanted = expectOneOf(command, "triggers", options.triggers, ["hardware", "software", "steps"]);
  if (!wanted) return velocity && triggers && deaf.length === 0 ? "hardware" : velocity ? "software" : "steps";
  const { name, controller } = axis;
  if (wanted !== "steps" && !velocity) {
    const message = `${command}: triggers is '${wanted}', but the controller ${controller.name} of ${name} has no velocity to set; expected 'steps'`;
    throw new ArgumentError("triggers", message);
  }
  if (wanted === "hardware" && !(triggers && deaf.length === 0)) {
    const why = triggers
      ? `its pulses do not reach ${deaf.map(({ fullname }) => fullname).join(", ")}`
      : `the controller ${controller.name} sends none`;
    throw new ArgumentError(
      "triggers",
      `${command}: triggers is 'hardware', but ${name} cannot: ${why}; expected 'software' or 'steps'`,
    );
  }
  return wanted;
}
