import { type DType, sizeOfShape } from "@beamtime/protocol";
import type { SeriesBlock } from "./h5-series.js";
import { NumberBuffer } from "./number-buffer.js";

/** Collects the points of a compressed dataset until they fill a chunk: each write compresses its whole chunk again. */
export class ChunkBuffer {
  readonly #rows: number;
  readonly #numbers: NumberBuffer;
  #first = 0;
  #npoints = 0;
  #pointShape: readonly number[] = [];

  /** @param rows points in a chunk */
  constructor(dtype: Exclude<DType, "string">, rows: number) {
    this.#rows = rows;
    this.#numbers = new NumberBuffer(dtype, 0);
  }

  get npoints(): number {
    return this.#npoints;
  }

  /**
   * Takes a block, calling `write` with each part that ends a chunk. False when the block does not continue the points
   * before it, in number and shape: then it is to be written on its own.
   *
   * @param length points of the dataset, those held here included
   */
  take(block: SeriesBlock, length: number, write: (part: SeriesBlock) => void): boolean {
    const { pointShape, data } = block;
    if (!ArrayBuffer.isView(data) || block.first !== length) return false;
    if (this.#npoints > 0 && !isSameShape(pointShape, this.#pointShape)) return false;
    const size = sizeOfShape(pointShape);
    for (let done = 0; done < block.npoints; ) {
      const first = block.first + done;
      const room = this.#rows - (first % this.#rows);
      const npoints = Math.min(room, block.npoints - done);
      const part = data.subarray(done * size, (done + npoints) * size);
      if (npoints === this.#rows) write({ first, npoints, pointShape, data: part });
      else {
        if (this.#npoints === 0) this.#first = first;
        this.#pointShape = pointShape;
        this.#npoints += npoints;
        this.#numbers.append(part);
        if (npoints === room) this.drain(write);
      }
      done += npoints;
    }
    return true;
  }

  /** Gives out what is held, if anything. */
  drain(write: (part: SeriesBlock) => void): void {
    if (this.#npoints === 0) return;
    const held = {
      first: this.#first,
      npoints: this.#npoints,
      pointShape: this.#pointShape,
      data: this.#numbers.contents(),
    };
    this.#npoints = 0;
    this.#numbers.clear();
    write(held);
  }
}

function isSameShape(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((length, axis) => length === other[axis]);
}
