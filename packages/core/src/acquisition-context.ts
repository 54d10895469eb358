import type { Clock } from "@beamtime/concurrency";

/** What every phase of an acquisition object is given. */
export interface AcquisitionContext {
  /** Aborted when the phase must end at once: hand it to everything that waits. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Index of the current iteration of the branch, from 0. */
  readonly iteration: number;
}
