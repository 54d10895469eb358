import type { AcquisitionChain, InfoValue, Scan, ScanInfo, ScanOptions } from "@beamtime/core";
import { type CountingChainOptions, countingChain } from "./counting-chain.js";
import { expectSeconds } from "./scan-arguments.js";
import type { ScanCommandOptions } from "./scan-command-options.js";
import type { ScanContext } from "./scan-context.js";

/** What a scan command has made of its arguments. */
export interface ScanPlan {
  /** Points of the whole scan; 0 = endless. */
  readonly npoints: number;
  /** Seconds per point. */
  readonly countTime: number;
  /** `ascan`: type and default name of the scan. */
  readonly command: string;
  readonly title: string;
  /** What the command tells in scan_info beside the common keys. */
  readonly info: ScanInfo;
  readonly options: ScanCommandOptions;
  readonly restore?: NonNullable<ScanOptions["restore"]>;
}

/** Makes the scan of a plan that counts point by point, and runs it unless the caller wants to. */
export function runCommand(context: ScanContext, plan: ScanPlan & CountingChainOptions): Promise<Scan> {
  const { command, options } = plan;
  const sleepTime = options.sleepTime === undefined ? 0 : expectSeconds(command, "sleepTime", options.sleepTime);
  return runChain(context, countingChain({ ...plan, sleepTime }), plan);
}

/** Makes the scan of a plan with a chain, and runs it unless the caller wants to. */
export async function runChain(context: ScanContext, chain: AcquisitionChain, plan: ScanPlan): Promise<Scan> {
  const { command, options, countTime, npoints } = plan;
  const isCount = command === "ct";
  const info: Record<string, InfoValue> = {
    ...options.scanInfo,
    type: command,
    npoints,
    count_time: countTime,
    ...plan.info,
    channels: { ...channelsOf(plan.info), ...channelsOf(options.scanInfo) },
    _display_extra: { plotselect: [] },
  };
  if (options.sleepTime !== undefined) info["sleep_time"] = options.sleepTime;
  const scan = context.newScan(
    chain,
    {
      name: options.name ?? command,
      title: options.title ?? plan.title,
      save: options.save ?? !isCount,
      ...(options.saveImages === undefined ? {} : { saveImages: options.saveImages }),
      scanInfo: info,
      ...(plan.restore ? { restore: plan.restore } : {}),
    },
    { isCount },
  );
  if (options.run !== false) await scan.run(options.signal ? { signal: options.signal } : {});
  return scan;
}

/** What an info says of channels, by full name. */
function channelsOf(info: ScanInfo | undefined): ScanInfo {
  const channels = info?.["channels"];
  const isRecord = typeof channels === "object" && channels !== null && !Array.isArray(channels);
  return isRecord && !(channels instanceof Date) ? (channels as ScanInfo) : {}; // what is left of InfoValue is a record
}
