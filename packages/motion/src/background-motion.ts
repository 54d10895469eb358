import { abortable, type Clock, deferred } from "@beamtime/concurrency";
import type { ControllerCallOptions } from "./motor-controller.js";

/** Seconds after which a motion counts as begun, though it tells nothing yet: hooks may take long. */
const patience = 2;

/** A motion that begins, and tells so. It ends when the signal aborts. */
export type BackgroundRun = (
  options: ControllerCallOptions & { readonly signal: AbortSignal; readonly onStarted: () => void },
) => Promise<void>;

/**
 * The motion of a controller whose hardware is other axes, or any object: it goes on when `startMove` has returned, and how
 * it failed is told once, by whatever asks next.
 */
export class BackgroundMotion {
  readonly #clock: Clock;
  readonly #onEnd: (() => void) | undefined;
  #abort: AbortController | undefined;
  #failure: { readonly error: unknown } | undefined;

  /** @param onEnd called whenever a motion has ended, however */
  constructor({ clock, onEnd }: { readonly clock: Clock; readonly onEnd?: (() => void) | undefined }) {
    this.#clock = clock;
    this.#onEnd = onEnd;
  }

  get isRunning(): boolean {
    return this.#abort !== undefined;
  }

  /** Begins a motion; a former one must have ended. @throws what goes wrong before it has begun, or the signal's reason */
  async start(run: BackgroundRun, { signal }: ControllerCallOptions): Promise<void> {
    signal?.throwIfAborted();
    const started = deferred<void>();
    const timer = new AbortController();
    const late = this.#clock.sleep(patience, { signal: timer.signal }).catch(() => {}); // only aborts reject
    try {
      const ended = this.#run(run, () => started.resolve());
      await abortable(Promise.race([started.promise, ended, late]), signal);
    } catch (error) {
      this.stop(); // only the signal rejects
      throw error;
    } finally {
      timer.abort();
    }
    this.throwFailure();
  }

  /** @throws what went wrong in the last motion, when nobody has been told yet */
  throwFailure(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure.error;
  }

  /** Ends the motion, which then is no failure; what went wrong before, and nobody was told, is forgotten. */
  stop(): void {
    this.#failure = undefined;
    this.#abort?.abort(new DOMException("the motion was stopped", "AbortError"));
  }

  async #run(run: BackgroundRun, onStarted: () => void): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    this.#failure = undefined;
    try {
      await run({ signal: abort.signal, onStarted });
    } catch (error) {
      const isStop = abort.signal.aborted && error === abort.signal.reason;
      if (!isStop) this.#failure = { error };
    } finally {
      this.#abort = undefined;
      this.#onEnd?.();
    }
  }
}
