import { errorMessage } from "@beamtime/errors";

export interface ListenersOptions {
  /** Of what they hear, for messages: `the position of roby`. */
  readonly subject: string;
  /** Hears of the first failure of each. Default: the process warns. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** Functions to call at each change of something. One that fails keeps neither the others nor who tells from going on. */
export class Listeners<T> {
  readonly #options: ListenersOptions;
  readonly #entries = new Set<{ readonly listener: (value: T) => unknown; hasFailed: boolean }>();

  constructor(options: ListenersOptions) {
    this.#options = options;
  }

  /** How many there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** Returns the way out; leaving twice is fine. */
  add(listener: (value: T) => void): () => void {
    const entry = { listener, hasFailed: false };
    this.#entries.add(entry);
    return () => void this.#entries.delete(entry);
  }

  /** Tells all there are now, but for those who leave meanwhile. */
  notify(value: T): void {
    for (const entry of [...this.#entries]) {
      if (!this.#entries.has(entry)) continue;
      const fail = (error: unknown): void => this.#warn(entry, error);
      try {
        const result = entry.listener(value);
        if (result instanceof Promise) result.catch(fail);
      } catch (error) {
        fail(error);
      }
    }
  }

  #warn(entry: { hasFailed: boolean }, error: unknown): void {
    if (entry.hasFailed) return;
    entry.hasFailed = true;
    const { subject, onWarning = (message: string) => process.emitWarning(message) } = this.#options;
    onWarning(`a listener to ${subject} fails, and is called on: ${errorMessage(error)}`);
  }
}
