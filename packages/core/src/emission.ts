import { ArgumentError } from "@beamtime/errors";
import {
  type ArrayData,
  allocateData,
  type DType,
  type NdArray,
  sizeOfShape,
  type TypedArray,
} from "@beamtime/protocol";

/** What may be emitted: one point or a block of points. */
export type Emission = number | bigint | boolean | string | ArrayData | readonly number[] | NdArray;

/** What converting an emission needs to know of its channel. */
export interface EmissionTarget {
  readonly fullname: string;
  readonly dtype: DType;
  /** A length of 0 stands for any. */
  readonly shape: readonly number[];
}

/** One scalar point. @throws ArgumentError when the channel does not take it */
export function convertScalar(target: EmissionTarget, value: number | bigint | boolean | string): ArrayData {
  const { dtype, fullname, shape } = target;
  if (shape.length > 0) {
    throw new ArgumentError(
      "value",
      `${fullname} takes points of shape ${textOf(shape)}, but was given ${String(value)}`,
    );
  }
  if (dtype === "string") {
    if (typeof value === "string") return [value];
    throw new ArgumentError("value", `${fullname} takes texts, but was given the ${typeof value} ${value}`);
  }
  const data = allocateData(dtype, 1);
  data[0] = elementOf(target, value) as never; // the kind of number that this dtype stores
  return data;
}

/** One point, or a block of points; the shape of one point comes along. @throws ArgumentError when it does not fit */
export function convertArray(
  target: EmissionTarget,
  value: ArrayData | readonly number[] | NdArray,
): { readonly data: ArrayData; readonly pointShape: readonly number[] } {
  const isNdArray = !ArrayBuffer.isView(value) && !Array.isArray(value);
  // what is neither a typed nor a plain array is the NdArray
  const source = isNdArray ? (value as NdArray).data : (value as ArrayData | readonly number[]);
  const shape = isNdArray ? (value as NdArray).shape : [source.length];
  if (isNdArray && sizeOfShape(shape) !== source.length) {
    throw new ArgumentError(
      "value",
      `${target.fullname} was given ${source.length} elements as an array of shape ${textOf(shape)}`,
    );
  }
  return { data: convertElements(target, source), pointShape: pointShapeOf(target, shape) };
}

/** The part of a shape that is one point. */
function pointShapeOf({ fullname, shape: expected }: EmissionTarget, given: readonly number[]): readonly number[] {
  const extra = given.length - expected.length;
  const fits = extra === 0 || extra === 1;
  if (!fits || !expected.every((length, axis) => length === 0 || length === given[axis + extra])) {
    throw new ArgumentError(
      "value",
      `${fullname} takes points of shape ${textOf(expected)} or blocks of them, ` +
        `but was given an array of shape ${textOf(given)}`,
    );
  }
  return expected.includes(0) ? given.slice(extra) : expected;
}

function convertElements(target: EmissionTarget, source: ArrayData | readonly number[]): ArrayData {
  if (target.dtype === "string") {
    if (Array.isArray(source) && source.every((text) => typeof text === "string")) return source;
    throw new ArgumentError("value", `${target.fullname} takes texts, but was given numbers`);
  }
  // all but texts are typed arrays
  const data = allocateData(target.dtype, ArrayBuffer.isView(source) ? 0 : source.length) as TypedArray;
  if (ArrayBuffer.isView(source)) {
    if (source.constructor === data.constructor) return source;
    const converted = allocateData(target.dtype, source.length) as TypedArray;
    return fill(target, converted, source);
  }
  return fill(target, data, source);
}

function fill(target: EmissionTarget, data: TypedArray, source: ArrayLike<number | bigint | string>): TypedArray {
  for (let index = 0; index < source.length; index++) {
    data[index] = elementOf(target, source[index] ?? 0) as never; // the kind of number that this dtype stores
  }
  return data;
}

/** A value as the storage of the dtype takes it: numbers are truncated and wrapped as NumPy does. */
function elementOf({ dtype, fullname }: EmissionTarget, value: number | bigint | boolean | string): number | bigint {
  if (typeof value === "string") {
    throw new ArgumentError("value", `${fullname} takes ${dtype}, but was given the text '${value}'`);
  }
  if (dtype === "bool") return value ? 1 : 0;
  if (dtype !== "int64" && dtype !== "uint64") return Number(value);
  if (typeof value !== "number") return BigInt(value);
  if (Number.isFinite(value)) return BigInt(Math.trunc(value));
  throw new ArgumentError("value", `${fullname} takes ${dtype}, but was given ${value}`);
}

function textOf(shape: readonly number[]): string {
  return `[${shape.map((length) => length || "any").join(", ")}]`;
}
