import { ArgumentError } from "@beamtime/errors";
import type { ChannelDescription } from "./channel-description.js";
import { pointsOf } from "./channel-values.js";
import { allocateData, type NdArray, sizeOfShape, type TypedArray } from "./nd-array.js";
import { isTextData } from "./numpy-array.js";
import { PickleReader, readPickle } from "./pickle-reader.js";
import { ProtocolError } from "./protocol-error.js";

/**
 * Reads `__DATA__` of one entry: what BLISS writes (NumPy scalar or array), and a Python number, text or list.
 *
 * The result has the type of the description, whatever type the entry has, and the shape `[npoints, ...point]`. The
 * point's shape is that of the entry: it may differ from the description where points vary in length.
 *
 * @throws ProtocolError when the values do not make `npoints` points, or are texts where numbers are expected
 * @throws PickleError when the bytes are no accepted pickle
 */
export function decodeChannelData(bytes: Uint8Array, description: ChannelDescription, npoints: number): NdArray {
  const { dtype, shape } = description;
  return pointsOf(readPickle(bytes), { dtype, rank: shape.length, npoints, maxSize: bytes.length });
}

/**
 * Reads many entries of one channel into storage of the caller, without garbage per entry.
 *
 * Entries of one writer differ only in the bytes of their elements. The decoder keeps the bytes of the last entry that
 * it really parsed; as long as those around the elements are the same, it only copies the elements.
 */
export class ChannelDataDecoder {
  readonly description: ChannelDescription;
  readonly #pointSize: number;
  readonly #storage: TypedArray | string[];
  readonly #itemSize: number;
  /** The entry parsed last, and where its elements lie; no elements when they cannot simply be copied. */
  #template: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;
  #npoints = -1;
  /** The bytes of the target of the last call. */
  #target: TypedArray | string[] | undefined;
  #targetBytes: Uint8Array = new Uint8Array(0);

  constructor(description: ChannelDescription) {
    this.description = description;
    this.#pointSize = sizeOfShape(description.shape);
    this.#storage = allocateData(description.dtype, 0);
    this.#itemSize = isTextData(this.#storage) ? 0 : this.#storage.BYTES_PER_ELEMENT;
  }

  /**
   * Reads one entry into `target`, storage of the description's type, from element `offset` on, and returns the number
   * of elements: `npoints` times the size of a point in the description. Use {@link decodeChannelData} where points
   * vary in length.
   *
   * @throws ArgumentError when `target` is of another type or too short
   * @throws ProtocolError when the entry has another number of elements
   * @throws PickleError when the bytes are no accepted pickle
   */
  decodeInto(target: TypedArray | string[], offset: number, bytes: Uint8Array, npoints: number): number {
    const length = npoints * this.#pointSize;
    if (target !== this.#target) this.#setTarget(target);
    if (offset + length > target.length) {
      throw new ArgumentError("target", `${length} elements do not fit behind ${offset} of ${target.length}`);
    }
    if (npoints === this.#npoints && this.#isLikeTemplate(bytes)) this.#copyElements(bytes, offset);
    else this.#parse(bytes, npoints, length, offset);
    return length;
  }

  #setTarget(target: TypedArray | string[]): void {
    if (target.constructor !== this.#storage.constructor) {
      const { name } = this.#storage.constructor;
      throw new ArgumentError("target", `values of ${this.description.dtype} go into a ${name}`);
    }
    this.#target = target;
    if (!isTextData(target)) this.#targetBytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
  }

  #isLikeTemplate(bytes: Uint8Array): boolean {
    const template = this.#template;
    if (bytes.length !== template.length) return false;
    for (let at = 0; at < this.#start; at++) if (bytes[at] !== template[at]) return false;
    for (let at = this.#end; at < bytes.length; at++) if (bytes[at] !== template[at]) return false;
    return true;
  }

  #copyElements(bytes: Uint8Array, offset: number): void {
    const length = this.#end - this.#start;
    const to = offset * this.#itemSize;
    // A view costs more than a few bytes.
    // Not `subarray`, which is slow where the bytes are a Buffer.
    if (length > 64) this.#targetBytes.set(new Uint8Array(bytes.buffer, bytes.byteOffset + this.#start, length), to);
    else for (let at = 0; at < length; at++) this.#targetBytes[to + at] = bytes[this.#start + at] ?? 0;
  }

  #parse(bytes: Uint8Array, npoints: number, length: number, offset: number): void {
    const reader = new PickleReader(bytes);
    const value = reader.read();
    const { dtype, shape } = this.description;
    const points = pointsOf(value, { dtype, rank: shape.length, npoints, maxSize: bytes.length });
    if (points.data.length !== length) {
      throw new ProtocolError(`an entry of shape (${points.shape.join()}) in a channel of shape (${shape.join()})`);
    }
    this.#store(points, offset);
    this.#npoints = -1;
    const { elements } = reader;
    if (elements?.of !== value || elements.of.dtype !== dtype) return;
    this.#template = bytes.slice();
    this.#start = elements.start;
    this.#end = elements.start + elements.length;
    this.#npoints = npoints;
  }

  #store({ data }: NdArray, offset: number): void {
    const target = this.#target;
    if (target === undefined) return;
    for (let index = 0; index < data.length; index++) {
      // pointsOf gives storage of the description's type, as the target is.
      target[offset + index] = data[index] as never;
    }
  }
}
