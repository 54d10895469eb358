import type { DType } from "./nd-array.js";

/** A NumPy scalar, e.g. `numpy.float64(1.5)`. 64-bit integers are `bigint`s. */
export class NumpyScalar {
  readonly dtype: DType;
  readonly value: number | bigint | boolean | string;

  constructor(dtype: DType, value: number | bigint | boolean | string) {
    this.dtype = dtype;
    this.value = value;
  }
}

/** Writes `value` as a NumPy scalar instead of a Python number, e.g. `numpyScalar("float64", 1.5)`. */
export function numpyScalar(dtype: DType, value: number | bigint | boolean | string): NumpyScalar {
  return new NumpyScalar(dtype, value);
}
