import { errorMessage } from "@beamtime/errors";
import { ChangeQueue } from "./change-queue.js";

/** Those in the program who want to know: callbacks, which are told at once, and loops, which take their time. */
export class ChangeFeed<Item, Told = Item> {
  readonly #onError: (error: Error) => void;
  readonly #callbacks = new Set<(told: Told) => void>();
  readonly #queues = new Set<ChangeQueue<Item>>();
  #isEnded = false;

  /** @param onError told what a callback throws */
  constructor(onError: (error: Error) => void) {
    this.#onError = onError;
  }

  /** Returns the way out. */
  onChange(callback: (told: Told) => void): () => void {
    this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }

  iterate(): AsyncIterableIterator<Item> {
    const queue = new ChangeQueue<Item>((left) => this.#queues.delete(left));
    if (this.#isEnded) queue.end();
    else this.#queues.add(queue);
    return queue;
  }

  /** @param told for the callbacks @param items the same for loops, one by one */
  tell(told: Told, items: readonly Item[]): void {
    for (const queue of this.#queues) for (const item of items) queue.push(item);
    for (const callback of [...this.#callbacks]) {
      try {
        callback(told);
      } catch (error) {
        this.#onError(error instanceof Error ? error : new Error(errorMessage(error)));
      }
    }
  }

  /** Ends the loops; those that are begun later end at once. */
  end(): void {
    this.#isEnded = true;
    for (const queue of this.#queues) queue.end();
    this.#queues.clear();
  }
}
