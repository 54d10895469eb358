import { type ArrayData, type DType, sizeOfShape } from "@beamtime/protocol";
import { ChunkBuffer } from "./chunk-buffer.js";
import { chunking } from "./chunk-shape.js";
import type { H5File } from "./h5-file.js";

/** Bytes of an element; a text is a reference of this size. */
const itemSizes: Record<DType, number> = {
  float64: 8,
  float32: 4,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint64: 8,
  uint32: 4,
  uint16: 2,
  uint8: 1,
  bool: 1,
  string: 16,
};

/** Bytes of NaN written at a time. */
const fillBytes = 2 ** 20;

/** A block of points, as it comes from a channel. */
export interface SeriesBlock {
  readonly first: number;
  readonly npoints: number;
  readonly pointShape: readonly number[];
  readonly data: ArrayData;
}

export interface SeriesOptions {
  readonly dtype: DType;
  /** Shape of a point; 0 where its length is not known beforehand. */
  readonly pointShape: readonly number[];
  /** Points expected, 0 when unknown: it decides the chunks. */
  readonly npoints: number;
}

/**
 * A dataset that grows with the points of a channel.
 *
 * Floating-point elements that never came are NaN, integers 0, texts empty: points that were left out, and the rest of
 * a point shorter than the longest one. Points of compressed datasets are held back until they fill a chunk.
 */
export class H5Series {
  readonly path: string;
  readonly dtype: DType;
  readonly #file: H5File;
  readonly #held: ChunkBuffer | undefined;
  readonly #write = (block: SeriesBlock): void => this.#writeBlock(block);
  #shape: readonly number[];

  constructor(file: H5File, path: string, { dtype, pointShape, npoints }: SeriesOptions) {
    const { chunks, compressed } = chunking([npoints, ...pointShape], itemSizes[dtype]);
    file.createSeries(path, dtype, pointShape, chunks, compressed);
    this.path = path;
    this.dtype = dtype;
    this.#file = file;
    this.#shape = [0, ...pointShape];
    const rows = chunks[0] ?? 1;
    if (compressed && dtype !== "string" && rows > 1) this.#held = new ChunkBuffer(dtype, rows);
  }

  /** Points of the channel so far, those held back included. */
  get length(): number {
    return (this.#shape[0] ?? 0) + (this.#held?.npoints ?? 0);
  }

  /** Number of axes of a point. */
  get pointRank(): number {
    return this.#shape.length - 1;
  }

  append(block: SeriesBlock): void {
    if (this.#held?.take(block, this.length, this.#write)) return;
    this.writeHeld();
    this.#writeBlock(block);
  }

  /** Writes what is held back for its chunk. */
  writeHeld(): void {
    this.#held?.drain(this.#write);
  }

  #writeBlock({ first, npoints, pointShape, data }: SeriesBlock): void {
    const before = this.#shape;
    const lengths = pointShape.map((length, axis) => Math.max(length, before[axis + 1] ?? 0));
    const isFull = pointShape.every((length, axis) => length === lengths[axis]);
    this.#resize([Math.max(before[0] ?? 0, first + npoints), ...lengths]);
    try {
      this.#fillGaps(before, isFull ? first : first + npoints);
      if (data.length === 0) return;
      const offset = [first, ...pointShape.map(() => 0)];
      const count = [npoints, ...pointShape];
      if (ArrayBuffer.isView(data)) this.#file.writeNumbers(this.path, data, offset, count);
      else this.#file.writeTexts(this.path, data, offset, count);
    } catch (error) {
      this.#resize(before); // points that were not written, for want of space, shall not be there
      throw error;
    }
  }

  #resize(shape: readonly number[]): void {
    if (shape.every((length, axis) => length === this.#shape[axis])) return;
    this.#file.resize(this.path, shape);
    this.#shape = shape;
  }

  /** After growing: writes NaN where the old points became longer, and in the points from the old end up to `end`. */
  #fillGaps(before: readonly number[], end: number): void {
    if (this.dtype !== "float64" && this.dtype !== "float32") return;
    const [rows = 0, ...old] = before;
    const lengths = this.#shape.slice(1);
    old.forEach((length, axis) => {
      const offset = lengths.map((_, other) => (other === axis ? length : 0));
      const count = lengths.map((grown, other) => {
        if (other === axis) return grown - length;
        return other < axis ? grown : (old[other] ?? 0);
      });
      this.#fill([0, ...offset], [rows, ...count]);
    });
    this.#fill([rows, ...lengths.map(() => 0)], [end - rows, ...lengths]);
  }

  #fill([first = 0, ...offset]: readonly number[], [rows = 0, ...count]: readonly number[]): void {
    const size = sizeOfShape(count);
    if (size === 0) return;
    const step = Math.max(1, Math.floor(fillBytes / (8 * size)));
    for (let done = 0; done < rows; done += step) {
      const some = Math.min(step, rows - done);
      const Constructor = this.dtype === "float32" ? Float32Array : Float64Array;
      const nothing = new Constructor(some * size).fill(Number.NaN);
      this.#file.writeNumbers(this.path, nothing, [first + done, ...offset], [some, ...count]);
    }
  }
}
