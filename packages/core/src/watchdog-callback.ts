import type { ChannelBlock } from "./acquisition-channel.js";
import type { Scan } from "./scan.js";
import type { ScanInfo } from "./scan-info.js";

/** What a watchdog may answer: `"stop"` ends the scan as throwing a `StopScan` does. */
// biome-ignore lint/suspicious/noConfusingVoidType: a method that returns nothing is the usual one
export type WatchdogAnswer = void | "stop";

/**
 * Watches a scan from its own task, and may end it: by throwing `StopScan` or answering `"stop"` normally (state DONE,
 * data kept), by throwing anything else with that error.
 *
 * The methods never run at the same time.
 *
 * @see BLISS `bliss/scanning/scan.py`, class `WatchdogCallback`
 */
export abstract class WatchdogCallback {
  /** Seconds without data after which `onTimeout` is called, and again after each such time. */
  readonly timeout: number;

  constructor({ timeout = 1 }: { readonly timeout?: number } = {}) {
    this.timeout = timeout;
  }

  onScanNew?(scan: Scan, info: ScanInfo): WatchdogAnswer | Promise<WatchdogAnswer>;

  /** After data has come: the last block of each channel that gave some since the last call. */
  onScanData?(blocks: readonly ChannelBlock[], info: ScanInfo): WatchdogAnswer | Promise<WatchdogAnswer>;

  onTimeout?(): WatchdogAnswer | Promise<WatchdogAnswer>;

  /** After the devices are stopped. What it throws fails the scan. */
  onScanEnd?(info: ScanInfo): void | Promise<void>;
}
