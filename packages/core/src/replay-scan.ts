import { type Clock, systemClock } from "@beamtime/concurrency";
import { RecordingError } from "./recording-error.js";
import { RunScope } from "./run-scope.js";
import type { ScanEvent } from "./scan-event.js";
import type { ScanSinkFactory } from "./scan-sink.js";
import { SinkHub } from "./sink-hub.js";

export interface ReplayOptions {
  readonly clock?: Clock;
  /** How many times faster than it was recorded; data, which has no time, comes at once. Default as fast as possible. */
  readonly speed?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Tells a recorded scan again to sinks of choice, in order, with the pressure rules of a step scan.
 *
 * @throws RecordingError when the recording does not begin with `created`
 * @throws the first failure of a required sink, or the signal's reason; the sinks are closed in any case
 */
export async function replayScan(
  events: Iterable<ScanEvent> | AsyncIterable<ScanEvent>,
  sinks: readonly ScanSinkFactory[],
  { clock = systemClock, speed, signal }: ReplayOptions = {},
): Promise<void> {
  const scope = new RunScope(clock, () => {});
  const hub = new SinkHub({ clock, fail: (error, sink) => scope.fail(error, sink) });
  const pacing = { clock, speed, signal: scope.signal, start: clock.now() };
  const onAbort = (): void => void scope.fail(signal?.reason, "replay");
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    hub.open(sinks);
    let origin: number | undefined;
    for await (const event of events) {
      if (origin === undefined) origin = originOf(event);
      await pace(event, origin, pacing);
      scope.check();
      hub.push(event);
      const room = hub.pressure();
      if (room) await room;
    }
    await hub.flush(scope.signal);
  } catch (error) {
    scope.fail(error, "replay");
  } finally {
    signal?.removeEventListener("abort", onAbort);
    await hub.close();
  }
  scope.check();
}

function originOf(event: ScanEvent): number {
  if (event.type === "created") return event.time;
  throw new RecordingError(`a recording begins with the event 'created', not with '${event.type}'`);
}

async function pace(
  event: ScanEvent,
  origin: number,
  { clock, speed, signal, start }: { clock: Clock; speed: number | undefined; signal: AbortSignal; start: number },
): Promise<void> {
  if (speed === undefined || !("time" in event)) return;
  const wait = start + (event.time - origin) / speed - clock.now();
  if (wait > 0) await clock.sleep(wait, { signal });
}
