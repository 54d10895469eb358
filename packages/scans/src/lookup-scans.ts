import type { Scan } from "@beamtime/core";
import { type PositionList, VariableStepTriggerMaster } from "@beamtime/motion";
import { runCommand } from "./run-command.js";
import { ScanArguments } from "./scan-arguments.js";
import { splitOptions } from "./scan-command-options.js";
import type { ScanContext } from "./scan-context.js";

/** Visits a list of positions with one axis: `axis, positions, countTime, …counters, options`. */
export function pointscan(context: ScanContext, args: readonly unknown[]): Promise<Scan> {
  return positionScan(context, "pointscan", args, (given) => [given]);
}

/** Visits lists of positions with several axes together: `[[axis, positions], …], countTime, …counters, options`. */
export function lookupscan(context: ScanContext, args: readonly unknown[]): Promise<Scan> {
  const expected = "[[axis, positions], …], at least one";
  return positionScan(context, "lookupscan", args, (given) => given.lists("axes", expected));
}

async function positionScan(
  context: ScanContext,
  command: string,
  args: readonly unknown[],
  split: (given: ScanArguments) => readonly ScanArguments[],
): Promise<Scan> {
  const { values, options } = splitOptions(args);
  const given = new ScanArguments(command, values);
  const lists: readonly PositionList[] = split(given).map((item) => {
    const axis = item.axis("axis");
    return { axis, positions: item.targets(`positions of ${axis.name}`, axis) };
  });
  const countTime = given.countTime();
  const counters = given.counters(context);
  return runCommand(context, {
    command,
    title: `${command} ${countTime} on motors (${lists.map(({ axis }) => axis.name).join(",")})`,
    counters,
    countTime,
    npoints: lists[0]?.positions.length ?? 0,
    topMaster: new VariableStepTriggerMaster(lists),
    info: {
      start: lists.map(({ positions }) => positions[0] ?? null),
      stop: lists.map(({ positions }) => positions[positions.length - 1] ?? null),
      plots: lists.map(({ axis }) => ({ kind: "curve-plot", items: [{ kind: "curve", x: `axis:${axis.name}` }] })),
    },
    options,
  });
}
