/**
 * The life of a scan, in order. `STARTING` lasts as long as data is taken; the last three are ends, of which exactly
 * one is reached. A state never goes back; it may be skipped after an error.
 */
export const scanStates = ["IDLE", "PREPARING", "STARTING", "STOPPING", "DONE", "USER_ABORTED", "KILLED"] as const;

/** One of {@link scanStates}. */
export type ScanState = (typeof scanStates)[number];

/** Place of a state in the life of a scan: IDLE is 0, the ends are 4 and more. */
export function scanStateRank(state: ScanState): number {
  return scanStates.indexOf(state);
}
