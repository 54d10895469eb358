import type { Clock } from "@beamtime/concurrency";
import type { AcquisitionContext } from "./acquisition-context.js";
import type { Container } from "./container.js";
import type { DeviceLocks } from "./device-locks.js";
import type { ScanInfo } from "./scan-info.js";
import type { ScanSaving } from "./scan-saving.js";
import type { ScanSinkFactory } from "./scan-sink.js";
import type { WatchdogCallback } from "./watchdog-callback.js";

export interface ScanOptions {
  /** Prefix of the full name. Default `scan`. */
  readonly name?: string;
  /** One line for people, as typed: `ascan roby 0 9 10 0.1`. Default the name. */
  readonly title?: string;
  /** Place in the data tree, instead of the one that `scanSaving` decides. */
  readonly parent?: Container;
  /** Whether the scan counts among the saved ones and sinks write files of it. Default true. */
  readonly save?: boolean;
  /** Whether cameras save their images. Default as `save`. */
  readonly saveImages?: boolean;
  /** Merged into scan_info first: `type`, `npoints`, `count_time`, `plots`, user categories. */
  readonly scanInfo?: ScanInfo;
  /** Decides paths and numbers. Default: numbers in memory, no file. */
  readonly scanSaving?: ScanSaving;
  /** Keeps the devices of the chain from scans of other processes. Default: from those of this process only. */
  readonly locks?: DeviceLocks;
  /** Who listens: publisher, writer, display. */
  readonly sinks?: readonly ScanSinkFactory[];
  readonly clock?: Clock;
  readonly watchdog?: WatchdogCallback;
  /**
   * Asked before the scan is announced and, unless it failed, at its end: what is merged into scan_info (`positioners`,
   * `instrument`, …). What it throws fails the scan.
   */
  readonly scanMetadata?: (timing: "start" | "end") => ScanInfo | Promise<ScanInfo>;
  /**
   * Brings moved devices back, after they are stopped, also after a failure or an abort; not called when nothing was
   * prepared. Its signal aborts when the user aborts a second time.
   */
  readonly restore?: (context: AcquisitionContext) => void | Promise<void>;
  /** Bytes of data kept in memory for `getData`. Default 64 MiB. */
  readonly memoryLimit?: number;
}
