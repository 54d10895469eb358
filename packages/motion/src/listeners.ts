/** Functions to call at each change of something. */
export class Listeners<T> {
  readonly #listeners: ((value: T) => void)[] = [];

  /** Returns the way out; leaving twice is fine. */
  add(listener: (value: T) => void): () => void {
    const entry = (value: T): void => listener(value);
    this.#listeners.push(entry);
    return () => {
      const index = this.#listeners.indexOf(entry);
      if (index >= 0) this.#listeners.splice(index, 1);
    };
  }

  notify(value: T): void {
    for (const listener of this.#listeners) listener(value);
  }
}
