/** What one stream has got so far. */
export interface StreamVolume {
  entries: number;
}

/**
 * The memory of the server that one scan may fill, estimated from what is written.
 *
 * Up to the budget a scan is whole. Beyond, every stream keeps the same fraction of its newest entries, so that the
 * channels still cover the same points, whatever the size of a point.
 */
export class MemoryBudget {
  readonly #limit: number;
  readonly #onExceeded: () => void;
  #written = 0;

  /**
   * @param limit bytes
   * @param onExceeded called once, when the first points of the scan begin to be removed
   */
  constructor(limit: number, onExceeded: () => void) {
    this.#limit = limit;
    this.#onExceeded = onExceeded;
  }

  /** Counts an entry of `bytes`, and tells how many entries its stream may keep: 0 stands for all. */
  add(stream: StreamVolume, bytes: number): number {
    stream.entries += 1;
    const before = this.#written;
    this.#written += bytes;
    if (this.#written <= this.#limit) return 0;
    if (before <= this.#limit) this.#onExceeded();
    return Math.max(1, Math.floor((stream.entries * this.#limit) / this.#written));
  }
}
