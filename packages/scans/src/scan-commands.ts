import type { Scan } from "@beamtime/core";
import type { CounterSource } from "@beamtime/counters";
import type { Axis } from "@beamtime/motion";
import { axisScan } from "./axis-scans.js";
import { type MeshScanOptions, meshScan } from "./mesh-scan.js";
import type { ScanCommandOptions } from "./scan-command-options.js";
import type { ScanContext } from "./scan-context.js";
import { ct, loopscan, type TimeScanOptions, timescan } from "./time-scans.js";

/** Counters, controllers and groups to count, and at the end, if wanted, the options. None: those of the context. */
type Rest<T extends ScanCommandOptions = ScanCommandOptions> = readonly (CounterSource | T)[];

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
  /** Steps an axis from `start` to `stop`, both included: `intervals` + 1 points. */
  readonly ascan: (
    axis: Axis,
    start: number,
    stop: number,
    intervals: number,
    countTime: number,
    ...rest: Rest
  ) => Promise<Scan>;
  /** Steps two axes together. */
  readonly a2scan: (
    axis1: Axis,
    start1: number,
    stop1: number,
    axis2: Axis,
    start2: number,
    stop2: number,
    intervals: number,
    countTime: number,
    ...rest: Rest
  ) => Promise<Scan>;
  /** As `ascan`, relative to where the axis was set; it returns there also after an error or an abort. */
  readonly dscan: (
    axis: Axis,
    start: number,
    stop: number,
    intervals: number,
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
  /** `npoints` counts one after the other. */
  readonly loopscan: (npoints: number, countTime: number, ...rest: Rest) => Promise<Scan>;
  /** Counts until it is stopped, or `{ npoints }` times. */
  readonly timescan: (countTime: number, ...rest: Rest<TimeScanOptions>) => Promise<Scan>;
}

/** The standard scans of a session, or of a program of one's own. */
export function createScanCommands(context: ScanContext): ScanCommands {
  return {
    ct: (...args) => ct(context, args),
    ascan: (...args) => axisScan(context, { command: "ascan", naxes: 1, isRelative: false }, args),
    a2scan: (...args) => axisScan(context, { command: "a2scan", naxes: 2, isRelative: false }, args),
    dscan: (...args) => axisScan(context, { command: "dscan", naxes: 1, isRelative: true }, args),
    amesh: (...args) => meshScan(context, args),
    loopscan: (...args) => loopscan(context, args),
    timescan: (...args) => timescan(context, args),
  };
}
