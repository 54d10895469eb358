import { type ArrayData, allocateData, type DType } from "./nd-array.js";
import { isTextData } from "./numpy-array.js";
import { ProtocolError } from "./protocol-error.js";

/**
 * Elements in storage of another type, converted as NumPy's `astype` does: integers wrap, floats lose their fraction,
 * everything but zero is true. `source` itself when nothing is to be converted.
 *
 * @throws ProtocolError for texts into numbers, or numbers into texts
 */
export function castArray(source: ArrayData, from: DType, to: DType): ArrayData {
  if (from === to) return source;
  const target = allocateData(to, source.length);
  if (isTextData(source) || isTextData(target)) throw mixed(to);
  source.forEach((value: number | bigint, index: number) => {
    // castNumber gives what storage of the type takes.
    target[index] = castNumber(value, to) as never;
  });
  return target;
}

/** Puts Python numbers in storage of a type. @throws ProtocolError when the type is that of texts */
export function storeNumbers(source: readonly (number | bigint | boolean)[], to: DType): ArrayData {
  const target = allocateData(to, source.length);
  if (isTextData(target)) throw mixed(to);
  source.forEach((value, index) => {
    // As in castArray.
    target[index] = castNumber(typeof value === "boolean" ? Number(value) : value, to) as never;
  });
  return target;
}

function castNumber(value: number | bigint, to: DType): number | bigint {
  if (to === "bool") return Number(value) === 0 ? 0 : 1;
  if (to === "float64" || to === "float32") return Number(value);
  if (to === "int64" || to === "uint64") return typeof value === "bigint" ? value : toBigInt(value);
  return typeof value === "bigint" ? Number(BigInt.asIntN(32, value)) : value;
}

function toBigInt(value: number): bigint {
  // NumPy has the most negative integer for what is no number.
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : -(2n ** 63n);
}

function mixed(to: DType): ProtocolError {
  const kinds = to === "string" ? "numbers in a channel of texts" : `texts in a channel of ${to}`;
  return new ProtocolError(`an entry has ${kinds}`);
}
