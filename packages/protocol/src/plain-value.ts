import { axisStates } from "./axis-states.js";
import type { NdArray } from "./nd-array.js";
import { dtypeOf, NumpyDtype } from "./numpy-dtype.js";
import { NumpyScalar } from "./numpy-scalar.js";
import { PickleError } from "./pickle-error.js";
import { type PickleValue, PyClass, PyComplex, PyFloat, PyFrozenSet, PyObject, PyTuple } from "./pickle-value.js";
import { PyDate, PyDateTime, PyTimeDelta } from "./python-datetime.js";

/** A Python value as plain JavaScript; what {@link toPlain} makes. */
export type PlainValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Date
  | Uint8Array
  | NdArray
  | PlainValue[]
  | Map<PlainValue, PlainValue>
  | { [key: string]: PlainValue };

/**
 * Forgets what only Python tells apart: floats and ints become numbers (`bigint` beyond 2^53 - 1), tuples and sets
 * arrays, a dict whose keys are all texts an object without prototype (any other a `Map`), a datetime a `Date`, a NumPy
 * scalar its value, a class or dtype the name of the {@link DType} it stands for (or `module.name`), a date its ISO
 * form, a timedelta seconds, a complex number `[real, imag]`. Arrays and bytes stay as they are.
 *
 * The `AxisState` of an axis becomes the list of its states: `["READY", "LIMPOS"]`. What is shared stays shared.
 *
 * @throws PickleError (`unsupported-value`) when a container is inside itself, or for a record of any other class
 */
export function toPlain(value: PickleValue): PlainValue {
  return new Plainer().convert(value);
}

class Plainer {
  /** Null while the container is being converted: meeting it then means a cycle. */
  readonly #done = new Map<PickleValue, PlainValue>();

  convert(value: PickleValue): PlainValue {
    if (typeof value !== "object" || value === null) return value;
    if (value instanceof PyFloat) return value.value;
    if (value instanceof PyDateTime) return value.toDate();
    if (value instanceof PyDate) return value.toString();
    if (value instanceof PyTimeDelta) return value.totalSeconds;
    if (value instanceof PyComplex) return [value.real, value.imag];
    if (value instanceof PyObject) return axisStates(value);
    if (value instanceof PyClass) return dtypeOf(value) ?? `${value.module}.${value.name}`;
    if (value instanceof NumpyDtype) return dtypeOf(value) ?? value.code;
    if (value instanceof NumpyScalar) return simplest(value.value);
    return this.#container(value);
  }

  #container(value: Exclude<PickleValue, null | boolean | number | bigint | string>): PlainValue {
    const done = this.#done.get(value);
    if (done === null) throw new PickleError("unsupported-value", "the value contains itself");
    if (done !== undefined) return done;
    this.#done.set(value, null);
    const plain = this.#convertContainer(value);
    this.#done.set(value, plain);
    return plain;
  }

  #convertContainer(value: PickleValue): PlainValue {
    if (Array.isArray(value)) return value.map((item) => this.convert(item));
    if (value instanceof PyTuple || value instanceof PyFrozenSet) return value.items.map((item) => this.convert(item));
    if (value instanceof Set) return Array.from(value, (item) => this.convert(item));
    if (value instanceof Map) return this.#convertMap(value);
    // Bytes and arrays are left: they are plain already.
    return value as Uint8Array | NdArray;
  }

  #convertMap(value: Map<PickleValue, PickleValue>): PlainValue {
    if (!Array.from(value.keys()).every((key) => typeof key === "string")) {
      return new Map(Array.from(value, ([key, item]) => [this.convert(key), this.convert(item)]));
    }
    // Without prototype, so that no key of another process means anything.
    const plain: { [key: string]: PlainValue } = Object.create(null);
    for (const [key, item] of value) if (typeof key === "string") plain[key] = this.convert(item);
    return plain;
  }
}

function simplest(value: number | bigint | boolean | string): number | bigint | boolean | string {
  if (typeof value !== "bigint") return value;
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}
