import type { AcquisitionChain, Scan, ScanOptions } from "@beamtime/core";
import type { Counter } from "@beamtime/counters";

/** What scan commands need of whoever offers them: a session, or a program of one's own. */
export interface ScanContext {
  /**
   * Makes the scan of a chain, with sinks and saving. `isCount` marks a `ct`, of which no snapshot of the beamline is
   * taken.
   */
  newScan(chain: AcquisitionChain, options: ScanOptions, kind: { readonly isCount: boolean }): Scan;
  /** What is counted where a command names no counter. */
  defaultCounters(): readonly Counter[];
}
