import type { Clock } from "@beamtime/concurrency";

/** What the hooks of presets are given. */
export interface PresetContext {
  /** Aborted when the hook must end at once. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
}
