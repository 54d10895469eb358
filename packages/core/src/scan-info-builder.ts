import { pythonTimeText } from "@beamtime/protocol";
import type { ScanIdentity } from "./scan-event.js";
import type { InfoValue, ScanInfo } from "./scan-info.js";
import { coreVersion } from "./version.js";

/** What is known of a scan when it is created. */
export interface ScanInfoParts {
  readonly identity: ScanIdentity;
  readonly title: string;
  /** Seconds since 1970. */
  readonly time: number;
  /** Given by the user or the scan function: `type`, `count_time`, `plots`, … */
  readonly user: ScanInfo;
  /** Given by who decides paths and numbers. */
  readonly saving: ScanInfo;
  readonly chain: ScanInfo;
  readonly npoints: number;
}

/** The info of a scan at its creation, with the key names of BLISS 1.11. */
export function buildScanInfo({ identity, title, time, user, saving, chain, npoints }: ScanInfoParts): ScanInfo {
  return {
    npoints,
    ...user,
    title,
    save: identity.saved,
    shadow_scan_number: !identity.saved,
    scan_nb: identity.number,
    session_name: identity.session,
    filename: identity.filename,
    ...saving,
    publisher: "Beamtime",
    publisher_version: coreVersion,
    ...timesInfo("start", time),
    // what the user says of channels and devices is kept beside what the chain says
    ...mergeInfo({ channels: user["channels"] ?? {}, devices: user["devices"] ?? {} }, chain),
  };
}

/** The keys `start_time`, `start_time_str`, `start_timestamp`, or those of the end. */
export function timesInfo(which: "start" | "end", time: number): ScanInfo {
  const date = new Date(time * 1000);
  return { [`${which}_time`]: date, [`${which}_time_str`]: pythonTimeText(time), [`${which}_timestamp`]: time };
}

/** `changes` over `info`, key by key at every depth; lists and single values are replaced. */
export function mergeInfo(info: ScanInfo, changes: ScanInfo): ScanInfo {
  const merged: Record<string, InfoValue> = { ...info };
  for (const [key, value] of Object.entries(changes)) {
    const before = merged[key];
    merged[key] = isRecord(before) && isRecord(value) ? mergeInfo(before, value) : value;
  }
  return merged;
}

/** Whether a value has keys of its own. */
export function isRecord(value: InfoValue | undefined): value is ScanInfo {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
