import type { Scan } from "@beamtime/core";
import { LinearStepTriggerMaster, type LinearSweep, positionText } from "@beamtime/motion";
import { returnAxes } from "./return-axes.js";
import { runCommand } from "./run-command.js";
import { ScanArguments } from "./scan-arguments.js";
import { splitOptions } from "./scan-command-options.js";
import type { ScanContext } from "./scan-context.js";

/** What tells `ascan`, `a2scan`, `anscan`, `dscan` and so on apart. */
export interface AxisScanKind {
  readonly command: string;
  /** How many axes; `list`: as many as the list has that comes first. */
  readonly naxes: number | "list";
  /** Start and stop count from where the axis is; it returns there in the end, however the scan ends. */
  readonly isRelative: boolean;
}

/**
 * Steps axes together along a line: `(axis, start, stop) × naxes, intervals, countTime, …counters, options`, or with a list
 * `[[axis, start, stop], …], intervals, …`.
 */
export async function axisScan(context: ScanContext, kind: AxisScanKind, args: readonly unknown[]): Promise<Scan> {
  const { command, naxes, isRelative } = kind;
  const { values, options } = splitOptions(args);
  const given = new ScanArguments(command, values);
  const lists =
    naxes === "list"
      ? given.lists("axes", "[[axis, start, stop], …], at least one")
      : new Array<ScanArguments>(naxes).fill(given);
  const sweeps: LinearSweep[] = [];
  for (const [index, item] of lists.entries()) {
    const suffix = naxes === 1 ? "" : String(index + 1);
    const axis = item.axis(`axis${suffix}`);
    if (isRelative) await axis.catchUp({ signal: options.signal });
    const origin = isRelative ? axis.target : 0;
    const start = item.target(`start${suffix}`, axis, origin);
    sweeps.push({ axis, start, stop: item.target(`stop${suffix}`, axis, origin) });
  }
  const intervals = given.intervals("intervals");
  const countTime = given.countTime();
  const counters = given.counters(context);
  const origins = sweeps.map(({ axis }) => [axis, axis.target] as const);
  const typed = sweeps.map(({ axis, start, stop }) =>
    [axis.name, positionText(axis, start), positionText(axis, stop)].join(" "),
  );
  // as BLISS: a list of two axes makes an a2scan
  const type = naxes === "list" ? `${isRelative ? "d" : "a"}${sweeps.length > 1 ? sweeps.length : ""}scan` : command;
  return runCommand(context, {
    command: type,
    // a relative scan is titled as the absolute one that it amounts to
    title: `${isRelative ? type.replace(/^d/, "a") : type} ${typed.join(" ")} ${intervals} ${countTime}`,
    counters,
    countTime,
    npoints: intervals + 1,
    topMaster: new LinearStepTriggerMaster(intervals + 1, sweeps),
    info: {
      start: sweeps.map(({ start }) => start),
      stop: sweeps.map(({ stop }) => stop),
      plots: sweeps.map(({ axis }) => ({ kind: "curve-plot", items: [{ kind: "curve", x: `axis:${axis.name}` }] })),
    },
    options,
    ...(isRelative ? { restore: (inner) => returnAxes(origins, inner) } : {}),
  });
}
