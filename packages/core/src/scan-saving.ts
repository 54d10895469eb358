import type { ScanIdentity } from "./scan-event.js";
import type { ScanInfo } from "./scan-info.js";

/** What a scan asks of where its data goes. */
export interface ScanSavingRequest {
  readonly name: string;
  readonly save: boolean;
  /** Node path of a container that replaces the usual parent. */
  readonly parentPath?: readonly string[];
}

/** Port: decides paths and numbers. A session implements it with shared counters; alone, scans count in memory. */
export interface ScanSaving {
  /**
   * Evaluates the paths of now and takes the next number. The number stays taken, whatever becomes of the scan.
   * `info` goes into scan_info (`filename`, `images_path`, `data_writer`, `session_name`, `user_name`, …).
   */
  begin(
    request: ScanSavingRequest,
    options: { signal: AbortSignal },
  ): Promise<{ readonly identity: ScanIdentity; readonly info: ScanInfo }>;
}
