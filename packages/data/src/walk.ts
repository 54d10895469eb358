/**
 * What a walk yields, to be iterated once with `for await`.
 *
 * Events are read only as they are asked for: a slow loop slows the reading, nothing piles up. Leaving the loop, `return()`
 * and disposal end the walk at once and close its connection, also while it waits.
 */
export class Walk<T> implements AsyncIterableIterator<T>, AsyncDisposable {
  readonly #events: AsyncGenerator<T, void>;
  readonly #signal: AbortSignal;
  readonly #left = new AbortController();

  /** Makes the walk; `start` gets a signal that aborts with any of `signals` and when the walk is left. */
  constructor(start: (signal: AbortSignal) => AsyncGenerator<T, void>, signals: readonly (AbortSignal | undefined)[]) {
    const given = signals.filter((signal) => signal !== undefined);
    this.#signal = AbortSignal.any([this.#left.signal, ...given]);
    this.#events = start(this.#signal);
  }

  /** The next event. @throws the reason of the aborted signal */
  async next(): Promise<IteratorResult<T, void>> {
    try {
      if (this.#signal.aborted) await this.#events.return();
      this.#signal.throwIfAborted();
      return await this.#events.next();
    } catch (error) {
      if (this.#left.signal.aborted) return { done: true, value: undefined };
      throw error;
    }
  }

  /** Ends the walk, and what waits for its next event. */
  async return(): Promise<IteratorResult<T, void>> {
    this.#left.abort();
    await this.#events.return();
    return { done: true, value: undefined };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
