import type { Scan } from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import { LinearStepTriggerMaster, MeshStepTriggerMaster, positionText } from "@beamtime/motion";
import { continuousChain } from "./continuous-chain.js";
import { type ContinuousScanOptions, continuousOptions, planContinuousRun } from "./continuous-run.js";
import { countingChain } from "./counting-chain.js";
import { scatterInfo } from "./mesh-scan.js";
import { runChain } from "./run-command.js";
import { expectOneOf, ScanArguments } from "./scan-arguments.js";
import { splitOptions } from "./scan-command-options.js";
import type { ScanContext } from "./scan-context.js";

export interface ContinuousMeshOptions extends ContinuousScanOptions {
  /** Every second line of the fast axis runs backwards. Default false. */
  readonly backnforth?: boolean;
}

/** A grid, the first axis on the fly: `(axis, start, stop, npoints) × 2, time, …counters, options`. */
export async function continuousMesh(context: ScanContext, args: readonly unknown[]): Promise<Scan> {
  const command = "contMesh";
  const { values, options } = splitOptions<ContinuousMeshOptions>(args, [...continuousOptions, "backnforth"]);
  const backnforth = expectOneOf(command, "backnforth", options.backnforth, [true, false]) ?? false;
  const given = new ScanArguments(command, values);
  const [fast, slow] = [await rangeOf(given, 1, options.signal), await rangeOf(given, 2, options.signal)];
  if (fast.axis === slow.axis) {
    throw new ArgumentError("axis2", `${command}: ${slow.axis.name} is given twice: expected two axes`);
  }
  if (slow.axis.realAxes.includes(fast.axis)) {
    const message = `${command}: ${slow.axis.name} moves ${fast.axis.name}: expected axes that move independently`;
    throw new ArgumentError("axis2", message);
  }
  const time = given.duration("time", "the seconds of one line, from start1 to stop1, more than 0");
  const counters = given.counters(context);
  const run = planContinuousRun({ command, ...fast, time, counters, options, backnforth });
  const { master, countTime, triggers } = run;
  const npoints = fast.npoints * slow.npoints;
  const counting = { counters, countTime, npoints };
  const line = { points: npoints, "axis-points": slow.npoints, "axis-id": 1, "axis-kind": "forth" };
  const lines = [{ axis: slow.axis, start: slow.start, stop: slow.stop, info: line }];
  const chain = master
    ? continuousChain({
        ...counting,
        master,
        slowMaster: new LinearStepTriggerMaster(slow.npoints, lines, { positionsFirst: true }),
        isHardware: triggers === "hardware",
      })
    : countingChain({
        ...counting,
        topMaster: new MeshStepTriggerMaster([{ ...fast, stop: run.last }, slow], { backnforth }),
      });
  const typed = [fast, slow].map(({ axis, start, stop, npoints: n }) =>
    [axis.name, positionText(axis, start), positionText(axis, stop), n].join(" "),
  );
  const { channels, ...info } = scatterInfo([fast, slow], counters);
  const kind = backnforth ? "backnforth" : "forth";
  const moving = { points: npoints, "axis-points": fast.npoints, "axis-id": 0, "axis-kind": kind };
  const fastChannel = `axis:${fast.axis.name}`;
  return runChain(context, chain, {
    command: "contmesh",
    title: `contmesh ${typed.join(" ")} ${time}`,
    countTime,
    npoints,
    info: { ...info, channels: { ...channels, [fastChannel]: { ...channels[fastChannel], ...moving } } },
    options,
  });
}

async function rangeOf(given: ScanArguments, number: 1 | 2, signal: AbortSignal | undefined) {
  const axis = given.axis(`axis${number}`);
  await axis.initialize({ signal });
  const start = given.target(`start${number}`, axis);
  const stop = given.target(`stop${number}`, axis);
  return { axis, start, stop, npoints: given.npoints(`npoints${number}`, 1) };
}
