/** Element types of channel data, named as NumPy names them. */
export const dtypes = [
  "float64",
  "float32",
  "int64",
  "int32",
  "int16",
  "int8",
  "uint64",
  "uint32",
  "uint16",
  "uint8",
  "bool",
  "string",
] as const;

/** One of {@link dtypes}. */
export type DType = (typeof dtypes)[number];

/** Storage of numbers: one constructor per {@link DType}; `bool` is kept as 0 and 1 in a `Uint8Array`. */
export type TypedArray =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | BigUint64Array
  | Uint32Array
  | Uint16Array
  | Uint8Array;

/** Values in row-major order: numbers in a typed array, texts in a plain one. */
export type ArrayData = TypedArray | readonly string[];

/**
 * An array of any rank: `data` holds the product of `shape` elements in row-major order (last axis fastest).
 * A scalar has shape `[]` and one element.
 */
export interface NdArray {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: ArrayData;
}

const constructors = {
  float64: Float64Array,
  float32: Float32Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint64: BigUint64Array,
  uint32: Uint32Array,
  uint16: Uint16Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const;

/** A zero-filled typed array (empty texts for `string`) of `length` elements. */
export function allocateData(dtype: DType, length: number): TypedArray | string[] {
  return dtype === "string" ? new Array<string>(length).fill("") : new constructors[dtype](length);
}

/** Number of elements of an array of this shape: the product of its lengths, 1 for a scalar. */
export function sizeOfShape(shape: readonly number[]): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}
