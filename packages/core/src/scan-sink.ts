import type { Clock } from "@beamtime/concurrency";
import type { ScanEvent } from "./scan-event.js";

/** What a sink may use of the scan it listens to. */
export interface ScanSinkContext {
  readonly clock: Clock;
  /** Reports that the sink cannot go on, from its background work. A required sink so aborts its scan; calling twice is fine. */
  fail(error: unknown): void;
  /** Tells the user something that does not stop the scan. */
  warn(message: string): void;
}

/**
 * A listener of one scan: publisher, file writer, display, recorder.
 *
 * The engine calls `push` for every event, in order, then `flush` and `close` once. `push` stores and returns: what
 * takes time is done in the background, and its failure is reported by `context.fail`.
 */
export interface ScanSink {
  /** Takes an event without waiting. @throws when it cannot (the scan then fails if the sink is required) */
  push(event: ScanEvent): void;
  /**
   * `undefined` while events are welcome; else a promise that resolves when there is room again. A step scan waits for
   * it before the next point; a free-running scan does not, and `push` throws when a hard limit is passed.
   * Must be cheap: it is asked at every point.
   */
  pressure?(): Promise<void> | undefined;
  /** Resolves when everything pushed so far has reached its place; rejects when it cannot. */
  flush(options?: { signal?: AbortSignal | undefined }): Promise<void>;
  /** Releases what the sink holds; called exactly once, also after a failure. */
  close(): Promise<void>;
}

/** Makes the sink of each scan. */
export interface ScanSinkFactory {
  /** Name in messages: `publisher`, `hdf5`. */
  readonly name: string;
  /** Whether a scan fails when this sink does. A display is not required: its failures become warnings. */
  readonly required: boolean;
  /** Called at the start of each scan, before its first event. Does no input or output yet. */
  open(context: ScanSinkContext): ScanSink;
}
