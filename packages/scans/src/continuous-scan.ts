import type { Scan } from "@beamtime/core";
import { LinearStepTriggerMaster, positionText } from "@beamtime/motion";
import { continuousChain } from "./continuous-chain.js";
import { type ContinuousScanOptions, continuousOptions, planContinuousRun } from "./continuous-run.js";
import { countingChain } from "./counting-chain.js";
import { runChain } from "./run-command.js";
import { ScanArguments } from "./scan-arguments.js";
import { splitOptions } from "./scan-command-options.js";
import type { ScanContext } from "./scan-context.js";

/** One axis on the fly: `axis, start, stop, npoints, time, …counters, options`. */
export async function continuousScan(context: ScanContext, args: readonly unknown[]): Promise<Scan> {
  const command = "contScan";
  const { values, options } = splitOptions<ContinuousScanOptions>(args, continuousOptions);
  const given = new ScanArguments(command, values);
  const axis = given.axis("axis");
  await axis.initialize({ signal: options.signal });
  const start = given.target("start", axis);
  const stop = given.target("stop", axis);
  const npoints = given.npoints("npoints", 1);
  const time = given.duration(
    "time",
    `the seconds from start to stop, more than 0 (of all ${npoints} points together)`,
  );
  const counters = given.counters(context);
  const run = planContinuousRun({ command, axis, start, stop, npoints, time, counters, options });
  const { master, countTime, triggers } = run;
  const counting = { counters, countTime, npoints };
  const chain = master
    ? continuousChain({ ...counting, master, isHardware: triggers === "hardware" })
    : countingChain({
        ...counting,
        topMaster: new LinearStepTriggerMaster(npoints, [{ axis, start, stop: run.last }]),
      });
  const typed = [axis.name, positionText(axis, start), positionText(axis, stop), npoints, time];
  return runChain(context, chain, {
    command: "contscan",
    title: `contscan ${typed.join(" ")}`,
    countTime,
    npoints,
    info: {
      start: [start],
      stop: [stop],
      plots: [{ kind: "curve-plot", items: [{ kind: "curve", x: `axis:${axis.name}` }] }],
    },
    options,
  });
}
