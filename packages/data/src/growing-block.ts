import { BeamtimeError } from "@beamtime/errors";
import {
  type ArrayData,
  allocateData,
  type ChannelDataDecoder,
  type ChannelDescription,
  type DType,
  type NdArray,
  sizeOfShape,
  type TypedArray,
} from "@beamtime/protocol";

/** Consecutive points of a channel, of one type and shape. */
export interface ValuesPart {
  readonly kind: "values";
  /** Index of the first point. */
  readonly first: number;
  readonly npoints: number;
  /** Shape `[npoints, ...point]`. */
  readonly data: NdArray;
  readonly description: ChannelDescription;
}

/** Elements for which storage is made before they are there. */
const longestPromise = 4 * 1024 * 1024;

/** Points of one type and shape, joined entry by entry in a storage that grows with them. */
export class GrowingBlock {
  npoints = 0;
  readonly #first: number;
  readonly #description: ChannelDescription;
  readonly #pointShape: readonly number[];
  readonly #pointSize: number;
  readonly #expected: number;
  #data: TypedArray | string[];

  /** @param expected number of points that will come, 0 when that is not known */
  constructor(first: number, description: ChannelDescription, pointShape: readonly number[], expected: number) {
    this.#first = first;
    this.#description = description;
    this.#pointShape = pointShape;
    this.#pointSize = sizeOfShape(pointShape);
    this.#expected = expected * this.#pointSize;
    this.#data = allocateData(description.dtype, 0);
  }

  takes(dtype: DType, pointShape: readonly number[]): boolean {
    const mine = this.#pointShape;
    if (dtype !== this.#description.dtype || pointShape.length !== mine.length) return false;
    return pointShape === mine || pointShape.every((length, axis) => length === mine[axis]);
  }

  /** Decodes an entry in place. False when it has not the shape that its description says, or cannot be read. */
  decode(decoder: ChannelDataDecoder, bytes: Uint8Array, npoints: number): boolean {
    const at = this.npoints * this.#pointSize;
    this.#reserve(at + npoints * this.#pointSize);
    try {
      decoder.decodeInto(this.#data, at, bytes, npoints);
    } catch (error) {
      if (error instanceof BeamtimeError) return false;
      throw error;
    }
    this.npoints += npoints;
    return true;
  }

  /** Copies points of the same type and shape. */
  append(values: ArrayData, npoints: number): void {
    const at = this.npoints * this.#pointSize;
    this.#reserve(at + npoints * this.#pointSize);
    copyInto(this.#data, values, at);
    this.npoints += npoints;
  }

  values(): ValuesPart {
    const { dtype } = this.#description;
    const length = this.npoints * this.#pointSize;
    const data = this.#data.length === length ? this.#data : this.#data.slice(0, length);
    const shape = [this.npoints, ...this.#pointShape];
    return {
      kind: "values",
      first: this.#first,
      npoints: this.npoints,
      data: { dtype, shape, data },
      description: this.#description,
    };
  }

  #reserve(length: number): void {
    if (length <= this.#data.length) return;
    const doubled = 2 * this.#data.length;
    // What is expected is believed only so far: ids can claim any number of points.
    const sought = this.#expected > 0 ? Math.min(this.#expected, Math.max(doubled, longestPromise)) : doubled;
    const grown = allocateData(this.#description.dtype, Math.max(length, sought));
    copyInto(grown, this.#data, 0);
    this.#data = grown;
  }
}

/** Copies elements between two storages of one type. */
function copyInto(target: TypedArray | string[], source: ArrayData, at: number): void {
  // The types are the same, as the caller says; TypeScript cannot know.
  if (Array.isArray(target))
    source.forEach((value, index) => {
      target[at + index] = value as string;
    });
  else (target as Float64Array).set(source as unknown as Float64Array, at);
}
