import type { Scan, ScanInfo } from "@beamtime/core";
import type { Counter } from "@beamtime/counters";
import { MeshStepTriggerMaster, type MeshSweep, positionText } from "@beamtime/motion";
import { returnAxes } from "./return-axes.js";
import { runCommand } from "./run-command.js";
import { expectOneOf, ScanArguments } from "./scan-arguments.js";
import { type ScanCommandOptions, splitOptions } from "./scan-command-options.js";
import type { ScanContext } from "./scan-context.js";

export interface MeshScanOptions extends ScanCommandOptions {
  /** Every second line of the fast axis runs backwards. Default false. */
  readonly backnforth?: boolean;
}

/** What tells `amesh` and `dmesh` apart. */
export interface MeshScanKind {
  readonly command: string;
  /** Starts and stops count from where the axes are; they return there in the end, however the scan ends. */
  readonly isRelative: boolean;
}

/** A grid of two axes, the first one fast: `(axis, start, stop, intervals) × 2, countTime, …counters, options`. */
export async function meshScan(context: ScanContext, kind: MeshScanKind, args: readonly unknown[]): Promise<Scan> {
  const { command, isRelative } = kind;
  const { values, options } = splitOptions<MeshScanOptions>(args, ["backnforth"]);
  const backnforth = expectOneOf(command, "backnforth", options.backnforth, [true, false]) ?? false;
  const given = new ScanArguments(command, values);
  const sweeps: MeshSweep[] = [];
  for (const i of [1, 2]) {
    const axis = given.axis(`axis${i}`);
    if (isRelative) await axis.catchUp({ signal: options.signal });
    const origin = isRelative ? axis.target : 0;
    const start = given.target(`start${i}`, axis, origin);
    const stop = given.target(`stop${i}`, axis, origin);
    sweeps.push({ axis, start, stop, npoints: given.intervals(`intervals${i}`) + 1 });
  }
  const countTime = given.countTime();
  const counters = given.counters(context);
  const origins = sweeps.map(({ axis }) => [axis, axis.target] as const);
  const typed = sweeps.map(({ axis, start, stop, npoints: n }) =>
    [axis.name, positionText(axis, start), positionText(axis, stop), n - 1].join(" "),
  );
  return runCommand(context, {
    command,
    // a relative scan is titled as the absolute one that it amounts to
    title: `amesh ${typed.join(" ")} ${countTime}`,
    counters,
    countTime,
    npoints: sweeps.reduce((product, sweep) => product * sweep.npoints, 1),
    topMaster: new MeshStepTriggerMaster(sweeps, { backnforth }),
    info: scatterInfo(sweeps, counters),
    options,
    ...(isRelative ? { restore: (inner) => returnAxes(origins, inner) } : {}),
  });
}

/** What scans of a grid tell of it in scan_info. */
export function scatterInfo(
  sweeps: readonly MeshSweep[],
  counters: readonly Counter[],
): ScanInfo & { readonly channels: Readonly<Record<string, ScanInfo>> } {
  const [x = "", y = ""] = sweeps.map(({ axis }) => `axis:${axis.name}`);
  const scatter = [x, y, ...counters.map(({ fullname }) => fullname)].map((name) => [name, { group: "scatter" }]);
  return {
    start: sweeps.map(({ start }) => start),
    stop: sweeps.map(({ stop }) => stop),
    ...Object.fromEntries(sweeps.map((sweep, i) => [`npoints${i + 1}`, sweep.npoints])),
    data_dim: 2,
    plots: [{ kind: "scatter-plot", items: [{ kind: "scatter", x, y }] }],
    channels: Object.fromEntries(scatter),
  };
}
