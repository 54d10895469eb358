import { type ArrayData, allocateData, type DType, type NdArray, sizeOfShape, type TypedArray } from "./nd-array.js";
import { dtypeOf, itemSizeOf, type NumpyDtype } from "./numpy-dtype.js";
import { PickleError } from "./pickle-error.js";

/**
 * Bytes of the elements in NumPy's layout: numbers as they lie in memory, texts as UCS-4, each padded with zeros to
 * `characters`. Every engine that runs JavaScript servers or browsers is little-endian, as is the format.
 */
export function arrayBytes(data: ArrayData, characters = 0): Uint8Array {
  if (!isTextData(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const codes = new Uint32Array(data.length * characters);
  data.forEach((text, row) => {
    codes.set(codePoints(text), row * characters);
  });
  return new Uint8Array(codes.buffer);
}

/** Length in characters of the longest text, and at least `minimum`: the width of the type `U<n>` that holds them. */
export function textWidth(data: readonly string[], minimum: number): number {
  let width = minimum;
  for (const text of data) width = Math.max(width, codePoints(text).length);
  return width;
}

function codePoints(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0);
}

/** Tells texts from numbers. */
export function isTextData(data: ArrayData): data is readonly string[] {
  return Array.isArray(data);
}

const maxRank = 64;

/**
 * Elements from the bytes of a NumPy array or scalar, in row-major order and the byte order of this machine.
 *
 * @throws PickleError when the shape does not account for every byte or the type has no counterpart
 */
export function decodeArray(
  bytes: Uint8Array,
  dtype: NumpyDtype,
  shape: readonly number[],
  fortranOrder = false,
): DecodedArray {
  const type = dtypeOf(dtype);
  const itemSize = itemSizeOf(dtype.code);
  if (type === undefined || itemSize === undefined) {
    throw new PickleError("unsupported-value", `arrays of dtype '${dtype.code}' are not supported`);
  }
  if (shape.length > maxRank) throw new PickleError("limit", `an array of rank ${shape.length}, NumPy has ${maxRank}`);
  const size = sizeOfShape(shape);
  // The number of bytes that are there justifies every allocation below.
  if (size * itemSize !== bytes.length || (itemSize === 0 && size > 1)) {
    throw new PickleError(
      "malformed",
      `an array of shape (${shape.join()}) and dtype '${dtype.code}' cannot have ${bytes.length} bytes`,
    );
  }
  const isSwapped = dtype.order === ">" && itemSize > 1;
  if (type === "string") {
    const texts = dtype.code.startsWith("S")
      ? decodeLatin1(bytes, size, itemSize)
      : decodeUcs4(bytes, size, itemSize, isSwapped);
    return { dtype: type, data: fortranOrder ? toRowMajor(texts, type, shape) : texts, isVerbatim: false };
  }
  const data = decodeNumbers(bytes, type, size, isSwapped ? itemSize : 1);
  const isTransposed = fortranOrder && shape.length > 1;
  return {
    dtype: type,
    data: isTransposed ? toRowMajor(data, type, shape) : data,
    isVerbatim: !isSwapped && !isTransposed,
  };
}

/** Elements of an array, and whether they are the bytes as they came. */
interface DecodedArray {
  readonly dtype: DType;
  readonly data: TypedArray | string[];
  readonly isVerbatim: boolean;
}

/** Copies numbers, reversing the bytes in groups of `swapSize`. */
function decodeNumbers(bytes: Uint8Array, dtype: DType, size: number, swapSize: number): TypedArray {
  // allocateData gives texts for "string" only, which the caller has excluded.
  const data = allocateData(dtype, size) as TypedArray;
  const target = new Uint8Array(data.buffer);
  target.set(bytes);
  if (swapSize > 1) {
    for (let at = 0; at < target.length; at += swapSize) target.subarray(at, at + swapSize).reverse();
  }
  return data;
}

function decodeUcs4(bytes: Uint8Array, size: number, itemSize: number, bigEndian: boolean): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: size }, (_, row) => {
    let text = "";
    let end = itemSize;
    while (end > 0 && view.getUint32(row * itemSize + end - 4, !bigEndian) === 0) end -= 4;
    for (let at = 0; at < end; at += 4) {
      const code = view.getUint32(row * itemSize + at, !bigEndian);
      if (code > 0x10ffff) throw new PickleError("malformed", `${code} is no character of a text array`);
      text += String.fromCodePoint(code);
    }
    return text;
  });
}

function decodeLatin1(bytes: Uint8Array, size: number, itemSize: number): string[] {
  return Array.from({ length: size }, (_, row) => {
    let end = (row + 1) * itemSize;
    while (end > row * itemSize && bytes[end - 1] === 0) end -= 1;
    return Array.from(bytes.subarray(row * itemSize, end), (code) => String.fromCharCode(code)).join("");
  });
}

/** Copies column-major elements (first axis fastest) in row-major order. */
function toRowMajor(source: TypedArray | string[], dtype: DType, shape: readonly number[]): TypedArray | string[] {
  const target = allocateData(dtype, source.length);
  const index = new Array<number>(shape.length).fill(0);
  const strides = shape.map((_, axis) => sizeOfShape(shape.slice(0, axis)));
  for (let at = 0, from = 0; at < source.length; at++) {
    // Both arrays have the storage of the same dtype.
    target[at] = source[from] as never;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      from += strides[axis] ?? 0;
      if (next < (shape[axis] ?? 0)) {
        index[axis] = next;
        break;
      }
      index[axis] = 0;
      from -= next * (strides[axis] ?? 0);
    }
  }
  return target;
}

/** An array while a pickle is read: REDUCE makes it, BUILD fills it; references to it stay valid. */
export interface MutableNdArray {
  dtype: DType;
  shape: readonly number[];
  data: ArrayData;
}

/** What NumPy makes before it has the state: an array without elements. */
export function emptyArray(): MutableNdArray {
  return { dtype: "int8", shape: [0], data: new Int8Array(0) };
}

/** Tells an {@link NdArray} from a dict of the same keys: the storage and the shape must agree. */
export function isNdArray(value: object): value is NdArray {
  // Only the three fields of an NdArray are read, each checked below.
  const { dtype, shape, data } = value as Partial<NdArray>;
  if (typeof dtype !== "string" || !Array.isArray(shape) || data === undefined) return false;
  const isStorage = dtype === "string" ? Array.isArray(data) : ArrayBuffer.isView(data);
  return isStorage && (data as ArrayData).length === sizeOfShape(shape as readonly number[]);
}
