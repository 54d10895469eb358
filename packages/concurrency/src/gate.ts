import { abortable } from "./abortable.js";
import { type Deferred, deferred } from "./deferred.js";

/** An event that stays: whoever waits passes once it is open, until somebody closes it again. */
export class Gate {
  #open: boolean;
  #waiting: Deferred<void> | undefined;

  constructor({ open = false }: { open?: boolean } = {}) {
    this.#open = open;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Lets everybody through, now and until `close`. */
  open(): void {
    this.#open = true;
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  /** Makes the next ones wait. */
  close(): void {
    this.#open = false;
  }

  /** Resolves when the gate is open. @throws the signal's reason when it aborts first */
  wait({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#open) return Promise.resolve();
    this.#waiting ??= deferred<void>();
    return abortable(this.#waiting.promise, signal);
  }
}
