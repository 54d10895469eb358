import type { NdArray } from "./nd-array.js";
import type { NumpyDtype } from "./numpy-dtype.js";
import type { NumpyScalar } from "./numpy-scalar.js";
import type { PyDate, PyDateTime, PyTimeDelta } from "./python-datetime.js";

/**
 * A Python value, exactly: what {@link readPickle} returns can be written back as the same value and type.
 *
 * A `number` is a Python int up to 2^53 - 1 in size, a `bigint` one beyond; a Python float is a {@link PyFloat}.
 * list → array, dict (and OrderedDict) → `Map` in order, set → `Set`, bytes (and bytearray) → `Uint8Array`,
 * ndarray → {@link NdArray}. Keys of maps that are not numbers or texts are compared by identity.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PyFloat
  | PyTuple
  | PyFrozenSet
  | PyComplex
  | PyClass
  | PyObject
  | PyDateTime
  | PyDate
  | PyTimeDelta
  | NumpyScalar
  | NumpyDtype
  | NdArray
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | Set<PickleValue>;

/** A Python float; keeps 2.0 apart from the int 2. */
export class PyFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** A Python tuple. */
export class PyTuple<Item = PickleValue> {
  readonly items: readonly Item[];

  constructor(items: readonly Item[]) {
    this.items = items;
  }
}

/** A Python frozenset. */
export class PyFrozenSet<Item = PickleValue> {
  readonly items: readonly Item[];

  constructor(items: readonly Item[]) {
    this.items = items;
  }
}

/** A Python complex number. */
export class PyComplex {
  readonly real: number;
  readonly imag: number;

  constructor(real: number, imag: number) {
    this.real = real;
    this.imag = imag;
  }
}

/** A class or function by its name only: `numpy` `float64`. It is a text in two parts; nothing is ever looked up. */
export class PyClass {
  readonly module: string;
  readonly name: string;

  constructor(module: string, name: string) {
    this.module = module;
    this.name = name;
  }
}

/**
 * A Python object of one of the few classes that are known, as an inert record: the class, the arguments it was made with
 * and the state it was given after (null for none).
 */
export class PyObject<Item = PickleValue> {
  readonly type: PyClass;
  readonly args: readonly Item[];
  readonly state: Item | null;

  constructor(type: PyClass, args: readonly Item[], state: Item | null = null) {
    this.type = type;
    this.args = args;
    this.state = state;
  }
}

/** Writes `value` as a Python float even when it is integral. */
export function pyFloat(value: number): PyFloat {
  return new PyFloat(value);
}

/** Writes `items` as a Python tuple instead of a list. */
export function pyTuple<Item>(items: readonly Item[]): PyTuple<Item> {
  return new PyTuple(items);
}

/** Names a Python class, e.g. `pyClass("builtins", "float")`. */
export function pyClass(module: string, name: string): PyClass {
  return new PyClass(module, name);
}
