import type { Scan, ScanInfo } from "@beamtime/core";
import { runCommand } from "./run-command.js";
import { ScanArguments } from "./scan-arguments.js";
import { type ScanCommandOptions, splitOptions } from "./scan-command-options.js";
import type { ScanContext } from "./scan-context.js";

export interface TimeScanOptions extends ScanCommandOptions {
  /** Points; 0 = until stopped. Default 0. */
  readonly npoints?: number;
}

const timePlot: ScanInfo = {
  plots: [{ kind: "curve-plot", items: [{ kind: "curve", x: "timer:elapsed_time" }] }],
};

/** One count: `countTime = 1, …counters, options`; `sct` is saved and tells of the beamline as scans do. */
export async function ct(context: ScanContext, command: "ct" | "sct", args: readonly unknown[]): Promise<Scan> {
  const { values, options } = splitOptions(args);
  const given = new ScanArguments(command, values);
  const countTime = given.countTime(1);
  const counters = given.counters(context);
  return runCommand(context, {
    command,
    title: `${command} ${countTime} 1`,
    counters,
    countTime,
    npoints: 1,
    info: {},
    options,
  });
}

/** Points in time: `npoints, countTime, …counters, options`. */
export async function loopscan(context: ScanContext, args: readonly unknown[]): Promise<Scan> {
  const { values, options } = splitOptions(args);
  const given = new ScanArguments("loopscan", values);
  const npoints = given.npoints("npoints", 1);
  const countTime = given.countTime();
  const counters = given.counters(context);
  return runCommand(context, {
    command: "loopscan",
    title: `loopscan ${npoints} ${countTime}`,
    counters,
    countTime,
    npoints,
    info: timePlot,
    options,
  });
}

/** Points in time until stopped: `countTime, …counters, options`. */
export async function timescan(context: ScanContext, args: readonly unknown[]): Promise<Scan> {
  const { values, options } = splitOptions<TimeScanOptions>(args, ["npoints"]);
  const given = new ScanArguments("timescan", values);
  const countTime = given.countTime();
  const counters = given.counters(context);
  const npoints =
    options.npoints === undefined ? 0 : new ScanArguments("timescan", [options.npoints]).npoints("npoints", 0);
  return runCommand(context, {
    command: "timescan",
    title: `timescan ${countTime}${npoints > 0 ? ` ${npoints}` : ""}`,
    counters,
    countTime,
    npoints,
    info: timePlot,
    options,
  });
}
