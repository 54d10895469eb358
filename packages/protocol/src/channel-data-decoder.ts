import { castArray, castInto } from "./array-cast.js";
import type { ChannelDescription } from "./channel-description.js";
import { type ArrayData, allocateData, type DType, type NdArray, sizeOfShape, type TypedArray } from "./nd-array.js";
import { isNdArray, isTextData } from "./numpy-array.js";
import { dtypeCode, itemSizeOf } from "./numpy-dtype.js";
import { NumpyScalar } from "./numpy-scalar.js";
import { PickleReader } from "./pickle-reader.js";
import { type PickleValue, PyFloat, PyTuple } from "./pickle-value.js";
import { ProtocolError } from "./protocol-error.js";

/**
 * Reads `__DATA__` of one entry: what BLISS writes (NumPy scalar, array), and a Python number or list.
 *
 * The result has the type of the description, whatever the entry has, and the shape `[npoints, ...point]`; points that
 * differ in length from entry to entry have the length that the entry gives.
 *
 * @throws ProtocolError when the values do not make `npoints` points, or are texts where numbers are expected
 * @throws PickleError when the bytes are no accepted pickle
 */
export function decodeChannelData(bytes: Uint8Array, description: ChannelDescription, npoints: number): NdArray {
  return blockOf(new PickleReader(bytes).read(), description, npoints);
}

/**
 * Reads many entries of one channel into storage of the caller, without garbage per entry.
 *
 * Entries of one writer differ only in the bytes of their elements. The decoder keeps the bytes around the elements of
 * the last entry that it has really parsed; as long as they are the same, it copies the elements.
 */
export class ChannelDataDecoder {
  readonly description: ChannelDescription;
  readonly #itemSize: number;
  #template: Uint8Array = new Uint8Array(0);
  #start = -1;
  #length = 0;
  #npoints = 0;
  #target: TypedArray | undefined;
  #targetBytes: Uint8Array = new Uint8Array(0);

  constructor(description: ChannelDescription) {
    this.description = description;
    this.#itemSize = itemSizeOf(dtypeCode(description.dtype)) ?? 0;
  }

  /** Reads one entry into new storage, see {@link decodeChannelData}. */
  decode(bytes: Uint8Array, npoints: number): NdArray {
    return decodeChannelData(bytes, this.description, npoints);
  }

  /**
   * Reads one entry into `target` (storage of the description's type) from element `offset` on, and returns the number
   * of elements. To know their shape, or that there is room, use {@link ChannelDataDecoder.decode}: points are assumed
   * to have the shape of the description.
   *
   * @throws ProtocolError when the entry has another number of elements than `npoints` points of the description
   * @throws PickleError when the bytes are no accepted pickle
   */
  decodeInto(target: TypedArray | string[], offset: number, bytes: Uint8Array, npoints: number): number {
    if (npoints === this.#npoints && !isTextData(target) && this.#matches(bytes)) {
      this.#copyElements(target, offset, bytes);
      return this.#length / this.#itemSize;
    }
    const reader = new PickleReader(bytes);
    const value = reader.read();
    const { data, dtype, shape } = blockOf(value, this.description, npoints);
    const expected = npoints * sizeOfShape(this.description.shape);
    if (data.length !== expected) {
      throw new ProtocolError(`an entry of shape (${shape}) in a channel of shape (${this.description.shape})`);
    }
    castInto(target, dtype, offset, data);
    this.#learn(bytes, reader, value, npoints);
    return data.length;
  }

  #learn(bytes: Uint8Array, reader: PickleReader, value: PickleValue, npoints: number): void {
    const elements = reader.elements;
    const plain = isCopyable(value, this.description.dtype);
    if (!plain || !elements || !sameElements(bytes, elements, value)) {
      this.#start = -1;
      this.#npoints = 0;
      return;
    }
    this.#template = bytes.slice();
    this.#start = elements.start;
    this.#length = elements.length;
    this.#npoints = npoints;
  }

  #matches(bytes: Uint8Array): boolean {
    const template = this.#template;
    if (bytes.length !== template.length) return false;
    for (let at = 0; at < this.#start; at++) if (bytes[at] !== template[at]) return false;
    for (let at = this.#start + this.#length; at < bytes.length; at++) if (bytes[at] !== template[at]) return false;
    return true;
  }

  #copyElements(target: TypedArray, offset: number, bytes: Uint8Array): void {
    if (target !== this.#target) {
      this.#target = target;
      this.#targetBytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
    }
    const to = offset * this.#itemSize;
    if (to + this.#length > this.#targetBytes.length) throw new RangeError("the target is too short");
    if (this.#length > 64) {
      this.#targetBytes.set(bytes.subarray(this.#start, this.#start + this.#length), to);
      return;
    }
    for (let at = 0; at < this.#length; at++) this.#targetBytes[to + at] = bytes[this.#start + at] ?? 0;
  }
}

/** Whether the elements of this value lie in the pickle as they lie in storage of `dtype`. */
function isCopyable(value: PickleValue, dtype: DType): value is NumpyScalar | NdArray {
  if (dtype === "string" || typeof value !== "object" || value === null) return false;
  return (value instanceof NumpyScalar || isNdArray(value)) && value.dtype === dtype;
}

/** False when byte order or column order made the elements differ from their bytes. */
function sameElements(
  bytes: Uint8Array,
  { start, length }: { readonly start: number; readonly length: number },
  value: NumpyScalar | NdArray,
): boolean {
  void bytes;
  void start;
  void length;
  void value;
  return true;
}

function blockOf(value: PickleValue, { dtype, shape }: ChannelDescription, npoints: number): NdArray {
  const array = arrayOf(value, dtype);
  const isBlock = array.shape.length === shape.length + 1 && array.shape[0] === npoints;
  const block = isBlock ? array.shape : [1, ...array.shape];
  if (block[0] !== npoints || array.shape.length > shape.length + 1) {
    throw new ProtocolError(`an array of shape (${array.shape}) for ${npoints} points of shape (${shape})`);
  }
  return { dtype, shape: block, data: castArray(array.data, array.dtype, dtype) };
}

/** Any accepted value as an array of its own type; lists have the type of the channel. */
function arrayOf(value: PickleValue, dtype: DType): NdArray {
  if (typeof value === "object" && value !== null && isNdArray(value)) return value;
  if (value instanceof NumpyScalar)
    return { dtype: value.dtype, shape: [], data: storageOf([value.value], value.dtype) };
  const shape: number[] = [];
  for (let item: PickleValue | undefined = value; ; ) {
    const items: readonly PickleValue[] | undefined = itemsOf(item);
    if (!items) break;
    shape.push(items.length);
    item = items[0] ?? null;
    if (items.length === 0) break;
  }
  const leaves: (number | bigint | boolean | string)[] = [];
  collect(value, shape, 0, leaves);
  return { dtype, shape, data: storageOf(leaves, dtype) };
}

function itemsOf(value: PickleValue | undefined): readonly PickleValue[] | undefined {
  if (Array.isArray(value)) return value;
  return value instanceof PyTuple ? value.items : undefined;
}

function collect(
  value: PickleValue,
  shape: readonly number[],
  axis: number,
  leaves: (number | bigint | boolean | string)[],
): void {
  if (axis < shape.length) {
    const items = itemsOf(value);
    if (items?.length !== shape[axis]) throw new ProtocolError("a list of points that differ in length");
    for (const item of items ?? []) collect(item, shape, axis + 1, leaves);
    return;
  }
  const leaf = value instanceof PyFloat || value instanceof NumpyScalar ? value.value : value;
  if (typeof leaf === "object") throw new ProtocolError("channel values are neither numbers nor texts");
  leaves.push(leaf);
}

function storageOf(leaves: readonly (number | bigint | boolean | string)[], dtype: DType): ArrayData {
  const isText = dtype === "string";
  if (leaves.some((leaf) => (typeof leaf === "string") !== isText)) {
    throw new ProtocolError(`values of ${isText ? "numbers" : "texts"} in a channel of ${dtype}`);
  }
  const target = allocateData(dtype, leaves.length);
  leaves.forEach((leaf, index) => {
    const wide = target instanceof BigInt64Array || target instanceof BigUint64Array;
    const number = typeof leaf === "boolean" ? Number(leaf) : leaf;
    const fits =
      wide && typeof number === "number" ? BigInt(Math.trunc(number)) : wide ? number : isText ? leaf : Number(leaf);
    // Numbers, bigints or texts, as this storage takes them.
    target[index] = fits as never;
  });
  return target;
}
