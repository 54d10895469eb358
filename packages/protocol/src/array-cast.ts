import { type ArrayData, allocateData, type DType, type TypedArray } from "./nd-array.js";
import { isTextData } from "./numpy-array.js";
import { ProtocolError } from "./protocol-error.js";

/**
 * Copies elements into storage of another type, as NumPy's `astype` does: integers wrap, floats lose their fraction,
 * everything but zero is true.
 *
 * @throws ProtocolError for texts into numbers, or numbers into texts
 */
export function castInto(target: TypedArray | string[], dtype: DType, offset: number, source: ArrayData): void {
  if (isTextData(source) !== isTextData(target)) {
    throw new ProtocolError(`values of ${isTextData(source) ? "texts" : "numbers"} in a channel of ${dtype}`);
  }
  const wide = target instanceof BigInt64Array || target instanceof BigUint64Array;
  source.forEach((value: number | bigint | string, index: number) => {
    let converted: number | bigint | string = value;
    if (dtype === "bool") converted = Number(value) === 0 ? 0 : 1;
    else if (wide && typeof value === "number") converted = toBigInt(value);
    else if (!wide && typeof value === "bigint") converted = toNumber(value, dtype);
    // The branches above have made a value that this storage takes.
    target[offset + index] = converted as never;
  });
}

/** Elements as storage of `dtype`; `source` itself when it already is. */
export function castArray(source: ArrayData, from: DType, dtype: DType): ArrayData {
  if (from === dtype) return source;
  const target = allocateData(dtype, source.length);
  castInto(target, dtype, 0, source);
  return target;
}

function toBigInt(value: number): bigint {
  // NumPy gives the most negative integer for what is no number.
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : -(2n ** 63n);
}

function toNumber(value: bigint, dtype: DType): number {
  return dtype.startsWith("float") ? Number(value) : Number(BigInt.asIntN(32, value));
}
