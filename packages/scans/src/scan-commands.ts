import type { Scan } from "@beamtime/core";
import type { CounterSource } from "@beamtime/counters";
import type { Axis } from "@beamtime/motion";
import { axisScan } from "./axis-scans.js";
import { type ContinuousMeshOptions, continuousMesh } from "./continuous-mesh.js";
import type { ContinuousScanOptions } from "./continuous-run.js";
import { continuousScan } from "./continuous-scan.js";
import { lookupscan, pointscan } from "./lookup-scans.js";
import { type MeshScanOptions, meshScan } from "./mesh-scan.js";
import type { ScanCommandOptions } from "./scan-command-options.js";
import type { ScanContext } from "./scan-context.js";
import { ct, loopscan, type TimeScanOptions, timescan } from "./time-scans.js";

/** Counters, controllers and groups to count, and at the end, if wanted, the options. None: those of the context. */
type Rest<T extends ScanCommandOptions = ScanCommandOptions> = readonly (CounterSource | T)[];

/** An axis, and where it starts and stops. */
type AxisRange = readonly [axis: Axis, start: number, stop: number];
type Steps = readonly [intervals: number, countTime: number];

/**
 * The standard scans. Positions are in user units, times in seconds. Each resolves to its scan, once it has ended;
 * with `{ run: false }` at once, and nothing has moved.
 *
 * All throw ArgumentError for an argument that does not fit, a position beyond the limits included, before anything
 * moves; then what the scan throws.
 */
export interface ScanCommands {
  /** Counts once; not saved unless `{ save: true }`. */
  readonly ct: (countTime?: number, ...rest: Rest) => Promise<Scan>;
  /** As `ct`, but saved. */
  readonly sct: (countTime?: number, ...rest: Rest) => Promise<Scan>;
  /** Steps an axis from `start` to `stop`, both included: `intervals` + 1 points. */
  readonly ascan: (...args: readonly [...AxisRange, ...Steps, ...Rest]) => Promise<Scan>;
  /** Steps two axes together; `a3scan`, `a4scan` and `a5scan` more of them. */
  readonly a2scan: (...args: readonly [...AxisRange, ...AxisRange, ...Steps, ...Rest]) => Promise<Scan>;
  readonly a3scan: (...args: readonly [...AxisRange, ...AxisRange, ...AxisRange, ...Steps, ...Rest]) => Promise<Scan>;
  readonly a4scan: (
    ...args: readonly [...AxisRange, ...AxisRange, ...AxisRange, ...AxisRange, ...Steps, ...Rest]
  ) => Promise<Scan>;
  readonly a5scan: (
    ...args: readonly [...AxisRange, ...AxisRange, ...AxisRange, ...AxisRange, ...AxisRange, ...Steps, ...Rest]
  ) => Promise<Scan>;
  /** Steps all axes of a list together. */
  readonly anscan: (axes: readonly AxisRange[], ...args: readonly [...Steps, ...Rest]) => Promise<Scan>;
  /** As `ascan`, relative to where the axis was set; it returns there also after an error or an abort. */
  readonly dscan: ScanCommands["ascan"];
  readonly d2scan: ScanCommands["a2scan"];
  readonly d3scan: ScanCommands["a3scan"];
  readonly d4scan: ScanCommands["a4scan"];
  readonly d5scan: ScanCommands["a5scan"];
  readonly dnscan: ScanCommands["anscan"];
  /** Visits positions of one axis. */
  readonly pointscan: (axis: Axis, positions: ArrayLike<number>, countTime: number, ...rest: Rest) => Promise<Scan>;
  /** Visits positions of several axes together; the lists have equal lengths. */
  readonly lookupscan: (
    axes: readonly (readonly [axis: Axis, positions: ArrayLike<number>])[],
    countTime: number,
    ...rest: Rest
  ) => Promise<Scan>;
  /** A grid, the first axis fast: (`intervals1` + 1) × (`intervals2` + 1) points. */
  readonly amesh: (
    axis1: Axis,
    start1: number,
    stop1: number,
    intervals1: number,
    axis2: Axis,
    start2: number,
    stop2: number,
    intervals2: number,
    countTime: number,
    ...rest: Rest<MeshScanOptions>
  ) => Promise<Scan>;
  /** As `amesh`, relative to where the axes were set; they return there also after an error or an abort. */
  readonly dmesh: ScanCommands["amesh"];
  /**
   * On the fly: the axis runs at constant velocity from `start` to `stop` in `time` seconds, and `npoints` points are taken on the
   * way, the first at `start`, the last at `stop`. `time` is that of the whole way, not of a point: from point to point it is
   * `time` / (`npoints` − 1), and the counters count a little less than that.
   *
   * Pulses of the motor controller trigger the points where all counters take them, else this program does; an axis without a
   * velocity stops at each point. The axis needs some way before `start` and after `stop`. Pulses do not wait for its encoder: where that
   * has not answered in time, its point is NaN.
   */
  readonly contScan: (
    axis: Axis,
    start: number,
    stop: number,
    npoints: number,
    time: number,
    ...rest: Rest<ContinuousScanOptions>
  ) => Promise<Scan>;
  /** A grid, the first axis on the fly as with `contScan`, `npoints1` points in `time` seconds a line; the second one steps. */
  readonly contMesh: (
    axis1: Axis,
    start1: number,
    stop1: number,
    npoints1: number,
    axis2: Axis,
    start2: number,
    stop2: number,
    npoints2: number,
    time: number,
    ...rest: Rest<ContinuousMeshOptions>
  ) => Promise<Scan>;
  /** `npoints` counts one after the other. */
  readonly loopscan: (npoints: number, countTime: number, ...rest: Rest) => Promise<Scan>;
  /** Counts until it is stopped, or `{ npoints }` times. */
  readonly timescan: (countTime: number, ...rest: Rest<TimeScanOptions>) => Promise<Scan>;
}

/** The standard scans of a session, or of a program of one's own. */
export function createScanCommands(context: ScanContext): ScanCommands {
  const axes = (command: string, naxes: number | "list") => {
    const kind = { command, naxes, isRelative: command.startsWith("d") };
    return (...args: readonly unknown[]) => axisScan(context, kind, args);
  };
  return {
    ct: (...args) => ct(context, "ct", args),
    sct: (...args) => ct(context, "sct", args),
    ascan: axes("ascan", 1),
    a2scan: axes("a2scan", 2),
    a3scan: axes("a3scan", 3),
    a4scan: axes("a4scan", 4),
    a5scan: axes("a5scan", 5),
    anscan: axes("anscan", "list"),
    dscan: axes("dscan", 1),
    d2scan: axes("d2scan", 2),
    d3scan: axes("d3scan", 3),
    d4scan: axes("d4scan", 4),
    d5scan: axes("d5scan", 5),
    dnscan: axes("dnscan", "list"),
    pointscan: (...args) => pointscan(context, args),
    lookupscan: (...args) => lookupscan(context, args),
    amesh: (...args) => meshScan(context, { command: "amesh", isRelative: false }, args),
    dmesh: (...args) => meshScan(context, { command: "dmesh", isRelative: true }, args),
    contScan: (...args) => continuousScan(context, args),
    contMesh: (...args) => continuousMesh(context, args),
    loopscan: (...args) => loopscan(context, args),
    timescan: (...args) => timescan(context, args),
  };
}
