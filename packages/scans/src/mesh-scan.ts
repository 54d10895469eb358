import type { Scan } from "@beamtime/core";
import { MeshStepTriggerMaster, type MeshSweep } from "@beamtime/motion";
import { positionText } from "./position-text.js";
import { runCommand } from "./run-command.js";
import { ScanArguments } from "./scan-arguments.js";
import { type ScanCommandOptions, splitOptions } from "./scan-command-options.js";
import type { ScanContext } from "./scan-context.js";

export interface MeshScanOptions extends ScanCommandOptions {
  /** Every second line of the fast axis runs backwards. Default false. */
  readonly backnforth?: boolean;
}

/** A grid of two axes, the first one fast: `(axis, start, stop, intervals) × 2, countTime, …counters, options`. */
export async function meshScan(context: ScanContext, args: readonly unknown[]): Promise<Scan> {
  const command = "amesh";
  const { values, options } = splitOptions<MeshScanOptions>(args, ["backnforth"]);
  const given = new ScanArguments(command, values);
  const sweeps: MeshSweep[] = [1, 2].map((i) => {
    const axis = given.axis(`axis${i}`);
    const start = given.target(`start${i}`, axis);
    const stop = given.target(`stop${i}`, axis);
    return { axis, start, stop, npoints: given.intervals(`intervals${i}`) + 1 };
  });
  const countTime = given.countTime();
  const counters = given.counters(context);
  const npoints = sweeps.reduce((product, sweep) => product * sweep.npoints, 1);
  const typed = sweeps.map(({ axis, start, stop, npoints: n }) =>
    [axis.name, positionText(axis, start), positionText(axis, stop), n - 1].join(" "),
  );
  const [x = "", y = ""] = sweeps.map(({ axis }) => `axis:${axis.name}`);
  const scatter = [x, y, ...counters.map(({ fullname }) => fullname)].map((name) => [name, { group: "scatter" }]);
  return runCommand(context, {
    command,
    title: `${command} ${typed.join(" ")} ${countTime}`,
    counters,
    countTime,
    npoints,
    topMaster: new MeshStepTriggerMaster(sweeps, { backnforth: options.backnforth ?? false }),
    info: {
      start: sweeps.map(({ start }) => start),
      stop: sweeps.map(({ stop }) => stop),
      ...Object.fromEntries(sweeps.map((sweep, i) => [`npoints${i + 1}`, sweep.npoints])),
      data_dim: 2,
      plots: [{ kind: "scatter-plot", items: [{ kind: "scatter", x, y }] }],
      channels: Object.fromEntries(scatter),
    },
    options,
  });
}
