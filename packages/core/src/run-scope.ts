import { setMaxListeners } from "node:events";
import type { Clock } from "@beamtime/concurrency";
import { errorMessage } from "@beamtime/errors";
import { ScanAbort } from "./scan-abort.js";
import { StopScan } from "./stop-scan.js";

/** Who does a piece of work of a scan: named in warnings, and given time to end it. */
export interface WorkSource {
  readonly name: string;
  /** Seconds that the work may go on after it should have ended. */
  readonly abortGrace: number;
}

interface PendingWork {
  readonly source: WorkSource;
  readonly phase: string;
}

/**
 * How one run of a scan ends: its signals, what failed, and who is still busy.
 *
 * Every failure is collected where it happens, once. The first one, an abort or a `StopScan` aborts `signal`, which all
 * data taking listens to; what then rejects because of it is no further failure.
 */
export class RunScope {
  readonly clock: Clock;
  readonly #work = controller();
  readonly #interrupted = controller();
  readonly #forced = controller();
  readonly #pending = new Set<PendingWork>();
  readonly #errors: unknown[] = [];
  readonly #warn: (source: string, message: string) => void;
  #aborts = 0;
  #abort: ScanAbort | undefined;

  constructor(clock: Clock, warn: (source: string, message: string) => void) {
    this.clock = clock;
    this.#warn = warn;
  }

  /** Aborted when data taking must end at once, for whatever reason. */
  get signal(): AbortSignal {
    return this.#work.signal;
  }

  /** Aborted when the scan does not end in good order (a failure, an abort): waits of the clean-up are bounded then. */
  get interrupted(): AbortSignal {
    return this.#interrupted.signal;
  }

  /** Aborted when the user insists (the second abort): nothing is waited for any longer. */
  get forced(): AbortSignal {
    return this.#forced.signal;
  }

  /** What failed, in order of time. */
  get errors(): readonly unknown[] {
    return this.#errors;
  }

  /** The abort, when that is what ended the scan. */
  get aborted(): ScanAbort | undefined {
    return this.#abort;
  }

  /** Ends data taking in good order, at once. */
  stop(): void {
    if (!this.signal.aborted) this.#work.abort(new StopScan());
  }

  /** Ends the scan on behalf of the user; the second time it gives up waiting for the clean-up. */
  abort(reason: unknown): void {
    this.#aborts++;
    if (this.#aborts > 1) {
      this.#forced.abort(ScanAbort.from(reason));
      return;
    }
    const abort = ScanAbort.from(reason);
    if (this.#errors.length === 0) this.#abort = abort; // else it is the failure that ends the scan
    if (!this.interrupted.aborted) this.#interrupted.abort(abort);
    if (!this.signal.aborted) this.#work.abort(abort);
  }

  /** Collects a failure and ends the scan with it. Returns it, for `throw`. */
  fail(error: unknown, source: string): unknown {
    if (this.isKnown(error)) return error;
    if (error instanceof StopScan) {
      this.stop();
    } else if (error instanceof ScanAbort) {
      if (this.#aborts === 0) this.abort(error);
    } else {
      if (this.#errors.length > 0 || this.#abort) this.#warn(source, errorMessage(error));
      this.#errors.push(error);
      if (!this.interrupted.aborted) this.#interrupted.abort(error);
      if (!this.signal.aborted) this.#work.abort(error);
    }
    return error;
  }

  /** Throws what ended data taking, if anything did. */
  check(): void {
    this.signal.throwIfAborted();
  }

  /** Notes that `source` is busy until `work` has settled, and collects its failure. */
  track(source: WorkSource, phase: string, work: PromiseLike<unknown>): Promise<void> {
    const entry: PendingWork = { source, phase };
    this.#pending.add(entry);
    return Promise.resolve(
      work.then(
        () => {
          this.#pending.delete(entry);
        },
        (error: unknown) => {
          this.#pending.delete(entry);
          throw this.fail(error, source.name);
        },
      ),
    );
  }

  /**
   * Waits for tracked work. Once `until` has aborted, it waits no longer than the grace of those still busy, then names
   * them in warnings and leaves them. Never throws: failures have been collected.
   */
  async settle(work: Promise<unknown> | undefined, until: AbortSignal): Promise<void> {
    if (!work) return;
    const done = work.then(noop, noop);
    if (!until.aborted) await Promise.race([done, aborted(until)]);
    if (!until.aborted) return;
    const busy = [...this.#pending];
    if (await this.within(done, Math.max(0, ...busy.map(({ source }) => source.abortGrace)))) return;
    for (const entry of busy) {
      if (!this.#pending.delete(entry)) continue;
      const { source, phase } = entry;
      this.#warn(
        source.name,
        this.forced.aborted
          ? `${source.name}: its ${phase} had not ended when the scan was told not to wait; it was abandoned`
          : `${source.name}: its ${phase} did not end within ${source.abortGrace} s after it should have; it was abandoned`,
      );
    }
  }

  /** Whether `done`, which never rejects, resolves within so many seconds, and before the user insists. */
  async within(done: Promise<void>, seconds: number): Promise<boolean> {
    const timer = new AbortController();
    const wake = (): void => timer.abort();
    this.forced.addEventListener("abort", wake, { once: true });
    const late = this.clock.sleep(this.forced.aborted ? 0 : seconds, { signal: timer.signal }).then(isFalse, isFalse);
    try {
      return await Promise.race([done.then(isTrue), late]);
    } finally {
      this.forced.removeEventListener("abort", wake);
      timer.abort();
      await late;
    }
  }

  /** Whether an error was collected before, or is only the echo of what ended the scan. */
  isKnown(error: unknown): boolean {
    const known = new Set<unknown>([...this.#errors, this.signal.reason, this.interrupted.reason, this.forced.reason]);
    known.delete(undefined);
    for (let cause = error, depth = 0; cause !== undefined && depth < 8; depth++) {
      if (known.has(cause)) return true;
      cause = cause instanceof Error ? cause.cause : undefined;
    }
    return false;
  }
}

function controller(): AbortController {
  const made = new AbortController();
  setMaxListeners(0, made.signal); // every object of a chain may wait for it
  return made;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

const noop = (): void => {};
const isTrue = (): boolean => true;
const isFalse = (): boolean => false;
