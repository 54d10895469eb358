import {
  type ArrayData,
  allocateData,
  type DType,
  type NdArray,
  sizeOfShape,
  type TypedArray,
} from "@beamtime/protocol";
import type { ChannelBlock } from "./acquisition-channel.js";

/**
 * Data of one channel: a flat array with one element per point for scalars; an array of shape `[points, …point]` for
 * others; a list of points where they vary in length.
 */
export type ChannelData = ArrayData | NdArray | readonly NdArray[];

/** Bytes that a text is counted as, besides two per character. */
const textOverhead = 16;

/** Points of one channel, kept in one array that doubles when it is full. */
export class ChannelValues {
  readonly #dtype: DType;
  readonly #shape: readonly number[];
  #values: TypedArray | string[];
  #length = 0;
  #pieceBytes = 0;
  /** Set once the points turn out to vary in length: each with its own shape. */
  #ragged: NdArray[] | undefined;

  constructor(dtype: DType, shape: readonly number[]) {
    this.#dtype = dtype;
    this.#shape = shape;
    this.#values = allocateData(dtype, 0);
  }

  /** Memory that the values take. */
  get bytes(): number {
    return this.#pieceBytes + (Array.isArray(this.#values) ? 0 : this.#values.byteLength);
  }

  /** Memory more that a block would take. */
  growth({ data }: ChannelBlock): number {
    if (!ArrayBuffer.isView(data)) return textBytesOf(data);
    if (this.#ragged) return data.byteLength;
    const needed = this.#length + data.length;
    if (needed <= this.#values.length) return 0;
    return (capacityFor(needed) - this.#values.length) * data.BYTES_PER_ELEMENT;
  }

  append(block: ChannelBlock): void {
    const { pointShape, data } = block;
    if (!this.#ragged && pointShape !== this.#shape && !sameShape(pointShape, this.#shape)) this.#split();
    if (this.#ragged) this.#appendPoints(this.#ragged, pointShape, data);
    else this.#appendFlat(data);
  }

  /** A copy of all points so far. */
  get(): ChannelData {
    if (this.#ragged) return [...this.#ragged];
    // a slice has the type of what is sliced
    const data = this.#values.slice(0, this.#length) as ArrayData;
    if (this.#shape.length === 0) return data;
    const npoints = this.#length / sizeOfShape(this.#shape);
    return { dtype: this.#dtype, shape: [npoints, ...this.#shape], data };
  }

  #appendFlat(data: ArrayData): void {
    const values = this.#values;
    if (Array.isArray(values)) {
      for (const text of data) values.push(String(text));
      this.#length = values.length;
      this.#pieceBytes += textBytesOf(data as readonly string[]); // a channel of texts emits texts
      return;
    }
    const end = this.#length + data.length;
    let target = values;
    if (end > values.length) {
      // the dtype is that of `values`: both arrays have the same element type
      target = allocateData(this.#dtype, capacityFor(end)) as TypedArray;
      copy(values.subarray(0, this.#length), target, 0);
      this.#values = target;
    }
    if (data.length === 1)
      target[this.#length] = data[0] as number; // the channel converted it to its dtype
    else copy(data as TypedArray, target, this.#length);
    this.#length = end;
  }

  /** From now on, and for what there is, each point is kept by itself. */
  #split(): void {
    const flat = this.#values.slice(0, this.#length) as ArrayData; // a slice has the type of what is sliced
    this.#ragged = [];
    this.#values = allocateData(this.#dtype, 0);
    this.#pieceBytes = 0;
    this.#appendPoints(this.#ragged, this.#shape, flat);
  }

  #appendPoints(points: NdArray[], shape: readonly number[], data: ArrayData): void {
    const size = sizeOfShape(shape);
    for (let start = 0; start < data.length; start += size) {
      // a slice has the type of what is sliced
      points.push({ dtype: this.#dtype, shape, data: data.slice(start, start + size) as ArrayData });
    }
    this.#pieceBytes += ArrayBuffer.isView(data) ? data.byteLength : textBytesOf(data);
  }
}

function copy(source: TypedArray, target: TypedArray, offset: number): void {
  // both hold the elements of one dtype
  (target as Float64Array).set(source as Float64Array, offset);
}

function capacityFor(length: number): number {
  return Math.max(64, 2 ** Math.ceil(Math.log2(length)));
}

function textBytesOf(texts: readonly string[]): number {
  let bytes = 0;
  for (const text of texts) bytes += 2 * text.length + textOverhead;
  return bytes;
}

function sameShape(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((length, index) => length === other[index]);
}
