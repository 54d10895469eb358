import { type Deferred, deferred } from "@beamtime/concurrency";

/** How many items wait for a slow reader; beyond it the oldest are dropped. */
const capacity = 1000;

/** Items for one `for await` loop, in order, from its beginning to its end or that of what it follows. */
export class ChangeQueue<Item> implements AsyncIterableIterator<Item> {
  readonly #items: Item[] = [];
  readonly #onEnd: (queue: ChangeQueue<Item>) => void;
  #waiting: Deferred<IteratorResult<Item>> | undefined;
  #isEnded = false;

  /** @param onEnd called when the loop is left */
  constructor(onEnd: (queue: ChangeQueue<Item>) => void) {
    this.#onEnd = onEnd;
  }

  push(item: Item): void {
    if (this.#waiting) {
      this.#waiting.resolve({ value: item, done: false });
      this.#waiting = undefined;
      return;
    }
    this.#items.push(item);
    if (this.#items.length > capacity) this.#items.shift();
  }

  /** No more items come; those that wait are still given. */
  end(): void {
    this.#isEnded = true;
    this.#waiting?.resolve({ value: undefined, done: true });
    this.#waiting = undefined;
  }

  async next(): Promise<IteratorResult<Item>> {
    const [item] = this.#items;
    if (this.#items.length > 0) {
      this.#items.shift();
      return { value: item as Item, done: false }; // there is one
    }
    if (this.#isEnded) return { value: undefined, done: true };
    this.#waiting ??= deferred<IteratorResult<Item>>();
    return this.#waiting.promise;
  }

  async return(): Promise<IteratorResult<Item>> {
    this.#items.length = 0;
    this.end();
    this.#onEnd(this);
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
