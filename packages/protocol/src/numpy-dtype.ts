import type { DType } from "./nd-array.js";
import { type PickleValue, PyClass } from "./pickle-value.js";

/** A `numpy.dtype`: `code` is `f8`, `u2`, `b1`, `U12`, …; `order` is `<`, `>` or `|` where order has no meaning. */
export class NumpyDtype {
  readonly code: string;
  readonly order: "<" | ">" | "|";

  constructor(code: string, order?: "<" | ">" | "|") {
    this.code = code;
    this.order = order ?? (/^([biu]1|[SV])/.test(code) ? "|" : "<");
  }
}

const codes: Record<Exclude<DType, "string">, string> = {
  float64: "f8",
  float32: "f4",
  int64: "i8",
  int32: "i4",
  int16: "i2",
  int8: "i1",
  uint64: "u8",
  uint32: "u4",
  uint16: "u2",
  uint8: "u1",
  bool: "b1",
};

/** Other names of the types: NumPy's aliases and Python's own classes. */
const aliases: Record<string, DType> = {
  float: "float64",
  float_: "float64",
  double: "float64",
  single: "float32",
  int: "int64",
  int_: "int64",
  longlong: "int64",
  intc: "int32",
  short: "int16",
  byte: "int8",
  uint: "uint64",
  ulonglong: "uint64",
  uintc: "uint32",
  ushort: "uint16",
  ubyte: "uint8",
  bool_: "bool",
  str: "string",
  str_: "string",
};

const dtypes = new Map<string, DType>(Object.entries(aliases));
for (const [dtype, code] of Object.entries(codes)) {
  // Object.entries forgets that the keys of `codes` are dtypes.
  dtypes.set(dtype, dtype as DType);
  dtypes.set(code, dtype as DType);
}

/** NumPy's two-character code of a type; a text also needs the number of characters. */
export function dtypeCode(dtype: DType, characters = 0): string {
  return dtype === "string" ? `U${characters}` : codes[dtype];
}

/**
 * The element type that a description means by a class (`float`, `numpy.uint16`), a dtype object or a text (`"<f8"`);
 * undefined for types without a counterpart here (complex, structures, objects, …).
 */
export function dtypeOf(value: PickleValue | undefined): DType | undefined {
  if (value instanceof PyClass) {
    return value.module === "builtins" || value.module === "numpy" ? dtypes.get(value.name) : undefined;
  }
  if (value instanceof NumpyDtype) return dtypeOfCode(value.code);
  return typeof value === "string" ? dtypeOfCode(value.replace(/^[<>|=]/, "")) : undefined;
}

function dtypeOfCode(code: string): DType | undefined {
  return dtypes.get(code) ?? (/^[US]\d*$/.test(code) ? "string" : undefined);
}

/** Bytes of one element of this code, e.g. 8 for `f8` and 12 for `U3`; undefined when the code is not known. */
export function itemSizeOf(code: string): number | undefined {
  const match = /^([fiubUS])(\d{1,9})$/.exec(code);
  if (!match) return undefined;
  return Number(match[2]) * (match[1] === "U" ? 4 : 1);
}

/**
 * The class that a description names for a type: NumPy's (`numpy.float64`), or Python's own (`float`, `int`, `bool`,
 * `str`) where there is one. Readers take both for the same.
 */
export function dtypeClass(dtype: DType, form: "python" | "numpy" = "python"): PyClass {
  const python = { float64: "float", int64: "int", bool: "bool", string: "str" } as const;
  if (form === "python" && dtype in python) {
    // `in` does not narrow the key.
    return new PyClass("builtins", python[dtype as keyof typeof python]);
  }
  return new PyClass("numpy", dtype === "bool" ? "bool_" : dtype === "string" ? "str_" : dtype);
}
