import type { ArrayData } from "@beamtime/protocol";

/** The points of a scalar channel that have not been shown yet, in the blocks in which they came. */
export class PointQueue {
  readonly #blocks: { readonly first: number; readonly data: ArrayData }[] = [];
  /** Index after the last point that has come. */
  end = 0;

  push(first: number, data: ArrayData): void {
    this.#blocks.push({ first, data });
    this.end = first + data.length;
  }

  /** The value of a point; what came before it is forgotten. */
  take(index: number): number | bigint {
    this.drop(index);
    const [block] = this.#blocks;
    const value = block?.data[index - block.first];
    return typeof value === "string" || value === undefined ? Number.NaN : value;
  }

  /** Forgets the points before `index`. */
  drop(index: number): void {
    for (let [block] = this.#blocks; block && block.first + block.data.length <= index; [block] = this.#blocks) {
      this.#blocks.shift();
    }
  }
}
