import { abortable, type Deferred, deferred } from "@beamtime/concurrency";
import { LineBusyError, LineClosedError } from "./line-error.js";

/** Lets requests pass one at a time, in the order they came. */
export class RequestQueue {
  readonly #line: string;
  readonly #maxWaiting: number;
  readonly #waiting: Deferred<void>[] = [];
  #isTaken = false;
  #isClosed = false;

  constructor({ line, maxWaiting }: { line: string; maxWaiting: number }) {
    this.#line = line;
    this.#maxWaiting = maxWaiting;
  }

  /**
   * Runs a task when its turn comes.
   *
   * @throws LineBusyError, LineClosedError, or the signal's reason, before its turn; what the task throws
   */
  async run<T>(task: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw new LineClosedError(this.#line);
    if (this.#isTaken) await this.#turn(signal);
    else this.#isTaken = true;
    try {
      return await task();
    } finally {
      this.#next();
    }
  }

  /** Refuses who waits, and who comes. */
  close(): void {
    this.#isClosed = true;
    for (const turn of this.#waiting.splice(0)) turn.reject(new LineClosedError(this.#line));
  }

  async #turn(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.length >= this.#maxWaiting) throw new LineBusyError(this.#line, this.#maxWaiting);
    const turn = deferred<void>();
    this.#waiting.push(turn);
    try {
      await abortable(turn.promise, signal);
    } catch (error) {
      const place = this.#waiting.indexOf(turn);
      if (place >= 0) this.#waiting.splice(place, 1);
      // its turn came in the moment of the abort
      else if (!this.#isClosed) this.#next();
      throw error;
    }
  }

  #next(): void {
    const turn = this.#waiting.shift();
    if (turn) turn.resolve();
    else this.#isTaken = false;
  }
}
