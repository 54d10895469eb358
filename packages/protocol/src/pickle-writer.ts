import { ArgumentError } from "@beamtime/errors";
import { allocateData, type NdArray } from "./nd-array.js";
import { arrayBytes, isNdArray, isTextData, textWidth } from "./numpy-array.js";
import { dtypeCode, itemSizeOf, NumpyDtype } from "./numpy-dtype.js";
import { NumpyScalar } from "./numpy-scalar.js";
import { opcode } from "./pickle-opcodes.js";
import { PickleOutput } from "./pickle-output.js";
import { type PickleValue, PyClass, PyComplex, PyFloat, PyFrozenSet, PyObject, PyTuple } from "./pickle-value.js";
import { PyDate, PyDateTime, PyTimeDelta } from "./python-datetime.js";
import { encodeText } from "./python-text.js";

/**
 * What {@link writePickle} takes: every {@link PickleValue}, and plain JavaScript.
 *
 * A safe integer becomes an int, any other number a float (-0 too); a plain object a dict, without the keys whose value
 * is undefined; a `Date` a naive local datetime; an {@link NdArray} an ndarray.
 */
export type PickleInput =
  | PickleValue
  | Date
  | PyTuple<PickleInput>
  | PyFrozenSet<PickleInput>
  | PyObject<PickleInput>
  | readonly PickleInput[]
  | ReadonlyMap<PickleInput, PickleInput>
  | ReadonlySet<PickleInput>
  | { readonly [key: string]: PickleInput | undefined };

/** How deep values may be nested. */
export const maxDepth = 200;
/** Items between two marks, as CPython has it. */
const batchSize = 1000;
const tupleOpcodes = [opcode.emptyTuple, opcode.tuple1, opcode.tuple2, opcode.tuple3];

/**
 * Encodes a value as a Python pickle of protocol 4, byte for byte as CPython and NumPy 1 write it (NumPy 2 reads it
 * too). Equal texts are written once and referred to, as CPython does with texts that are one object; in what it writes
 * for two equal texts that are two objects lies the only difference.
 *
 * @throws ArgumentError for a function, symbol, class instance or anything nested more than 200 deep (or within itself)
 */
export function writePickle(value: PickleInput): Uint8Array {
  return new PickleWriter().write(value).bytes;
}

/** Writes one pickle. */
export class PickleWriter {
  readonly #output = new PickleOutput();
  /** Places in the memo. Globals and dtypes, which are one object in Python, are known by their names. */
  readonly #texts = new Map<string, number>();
  readonly #objects = new Map<object, number>();
  readonly #globals = new Map<string, number>();
  #memoSize = 0;
  #depth = 0;

  /** The pickle, and where the elements begin if `value` is an array or scalar of NumPy. */
  write(value: PickleInput): { readonly bytes: Uint8Array; readonly elementsAt: number } {
    this.#save(value);
    const bytes = this.#output.finish();
    return { bytes, elementsAt: this.#output.lastString };
  }

  #save(value: PickleInput): void {
    this.#output.boundary();
    if (value === null) this.#output.byte(opcode.none);
    else if (typeof value === "number") this.#number(value);
    else if (typeof value === "string") this.#text(value);
    else if (typeof value === "boolean") this.#output.byte(value ? opcode.newTrue : opcode.newFalse);
    else if (typeof value === "bigint") this.#bigint(value);
    else if (typeof value === "object") this.#object(value);
    else throw new ArgumentError("value", `a ${typeof value} cannot be pickled: give plain data`);
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) this.#output.floatOperand(opcode.binFloat, value);
    else if (value >= 0 && value < 0x100) this.#output.byteOperand(opcode.binInt1, value);
    else if (value >= 0 && value < 0x10000) this.#output.uint16Operand(opcode.binInt2, value);
    else if (value >= -0x80000000 && value < 0x80000000) this.#output.int32Operand(opcode.binInt, value);
    else this.#long(BigInt(value));
  }

  #bigint(value: bigint): void {
    const small = Number(value);
    if (Number.isSafeInteger(small)) this.#number(small);
    else this.#long(value);
  }

  /** Two's complement, little-endian, as short as it can be with the sign in the highest bit. */
  #long(value: bigint): void {
    const magnitude = value < 0n ? ~value : value;
    const bits = magnitude.toString(2).length + 1;
    const length = Math.ceil(bits / 8);
    const hex = BigInt.asUintN(8 * length, value)
      .toString(16)
      .padStart(2 * length, "0");
    const bytes = Uint8Array.from({ length }, (_, index) => {
      const at = 2 * (length - index - 1);
      return Number.parseInt(hex.slice(at, at + 2), 16);
    });
    this.#output.string(opcode.long1, opcode.long4, bytes);
  }

  #text(text: string): void {
    if (this.#recall(this.#texts.get(text))) return;
    this.#output.string(opcode.shortBinUnicode, opcode.binUnicode, encodeText(text));
    this.#texts.set(text, this.#memoize());
  }

  #bytes(bytes: Uint8Array): void {
    this.#output.boundary();
    this.#output.string(opcode.shortBinBytes, opcode.binBytes, bytes);
    this.#memoize();
  }

  #object(value: object): void {
    if (this.#recall(this.#objects.get(value))) return;
    if (this.#depth === maxDepth) {
      throw new ArgumentError("value", `the value is nested more than ${maxDepth} deep, or within itself`);
    }
    this.#depth += 1;
    this.#known(value);
    this.#depth -= 1;
  }

  #known(value: object): void {
    if (value instanceof PyFloat) this.#output.floatOperand(opcode.binFloat, value.value);
    else if (Array.isArray(value)) this.#list(value);
    else if (value instanceof PyTuple) this.#tuple(value.items, value);
    else if (value instanceof Map) this.#dict(value, [...value]);
    else if (value instanceof PyClass) this.#global(value.module, value.name);
    else if (value instanceof PyObject) this.#record(value);
    else if (value instanceof Date) this.#dateTime(PyDateTime.fromDate(value));
    else if (value instanceof PyDateTime) this.#dateTime(value);
    else if (value instanceof Uint8Array) this.#byteString(value);
    else if (value instanceof NumpyScalar) this.#scalar(value);
    else if (value instanceof NumpyDtype) this.#dtype(value.code, value.order);
    else if (value instanceof Set) this.#set(value);
    else if (value instanceof PyFrozenSet) this.#frozenSet(value);
    else if (value instanceof PyComplex)
      this.#call("builtins", "complex", [new PyFloat(value.real), new PyFloat(value.imag)]);
    else if (value instanceof PyDate) this.#call("datetime", "date", [dateState(value)]);
    else if (value instanceof PyTimeDelta) {
      this.#call("datetime", "timedelta", [value.days, value.seconds, value.microseconds]);
    } else if (isNdArray(value)) this.#array(value);
    else this.#plainObject(value);
  }

  #plainObject(value: object): void {
    if (!isPlainObject(value)) {
      throw new ArgumentError("value", `an instance of ${value.constructor.name} cannot be pickled: give plain data`);
    }
    const entries: [string, PickleInput][] = [];
    for (const [key, item] of Object.entries(value)) if (item !== undefined) entries.push([key, item]);
    this.#dict(value, entries);
  }

  #list(items: readonly PickleInput[]): void {
    this.#output.byte(opcode.emptyList);
    this.#objects.set(items, this.#memoize());
    for (let start = 0; start < items.length; start += batchSize) {
      if (items.length > 1) this.#output.byte(opcode.mark);
      for (const item of items.slice(start, start + batchSize)) this.#save(item);
      this.#output.byte(items.length > 1 ? opcode.appends : opcode.append);
    }
  }

  #dict(identity: object, entries: readonly (readonly [PickleInput, PickleInput])[]): void {
    this.#output.byte(opcode.emptyDict);
    this.#objects.set(identity, this.#memoize());
    if (entries.length === 0) return;
    // Unlike for lists, CPython writes an empty batch after the last one that is full.
    for (let start = 0; start <= entries.length; start += batchSize) {
      if (entries.length > 1) this.#output.byte(opcode.mark);
      for (const [key, value] of entries.slice(start, start + batchSize)) {
        this.#save(key);
        this.#save(value);
      }
      this.#output.byte(entries.length > 1 ? opcode.setItems : opcode.setItem);
    }
  }

  #tuple(items: readonly PickleInput[], identity?: object): void {
    const { length } = items;
    if (length > 3) this.#output.byte(opcode.mark);
    for (const item of items) this.#save(item);
    this.#output.byte(tupleOpcodes[length] ?? opcode.tuple);
    // The empty tuple is always the same object and costs one byte: it is not remembered.
    if (length === 0) return;
    const index = this.#memoize();
    if (identity) this.#objects.set(identity, index);
  }

  #set(value: ReadonlySet<PickleInput>): void {
    this.#output.byte(opcode.emptySet);
    this.#objects.set(value, this.#memoize());
    const items = [...value];
    if (items.length === 0) return;
    // An empty batch after a full one, as for dicts.
    for (let start = 0; start <= items.length; start += batchSize) {
      this.#output.byte(opcode.mark);
      for (const item of items.slice(start, start + batchSize)) this.#save(item);
      this.#output.byte(opcode.addItems);
    }
  }

  #frozenSet(value: PyFrozenSet<PickleInput>): void {
    this.#output.byte(opcode.mark);
    for (const item of value.items) this.#save(item);
    this.#output.byte(opcode.frozenSet);
    this.#objects.set(value, this.#memoize());
  }

  #byteString(value: Uint8Array): void {
    this.#bytes(value);
    this.#objects.set(value, this.#memoSize - 1);
  }

  #global(module: string, name: string): void {
    const key = `${module} ${name}`;
    if (this.#recall(this.#globals.get(key))) return;
    this.#text(module);
    // CPython makes the text of the name anew each time: it has a place in the memo that nothing refers to.
    this.#output.string(opcode.shortBinUnicode, opcode.binUnicode, encodeText(name));
    this.#memoize();
    this.#output.byte(opcode.stackGlobal);
    this.#globals.set(key, this.#memoize());
  }

  #call(module: string, name: string, args: readonly PickleInput[]): void {
    this.#global(module, name);
    this.#tuple(args);
    this.#output.byte(opcode.reduce);
    this.#memoize();
  }

  #record(value: PyObject<PickleInput>): void {
    this.#global(value.type.module, value.type.name);
    this.#tuple(value.args);
    this.#output.byte(opcode.newObj);
    this.#objects.set(value, this.#memoize());
    if (value.state === null) return;
    this.#save(value.state);
    this.#output.byte(opcode.build);
  }

  #dateTime(value: PyDateTime): void {
    this.#global("datetime", "datetime");
    this.#bytes(dateTimeState(value));
    if (value.utcOffset !== null) {
      this.#call("datetime", "timezone", [new PyTimeDelta(...splitOffset(value.utcOffset))]);
    }
    this.#output.byte(value.utcOffset === null ? opcode.tuple1 : opcode.tuple2);
    this.#memoize();
    this.#output.byte(opcode.reduce);
    this.#objects.set(value, this.#memoize());
  }

  #dtype(code: string, order: NumpyDtype["order"] = new NumpyDtype(code).order): void {
    const key = `dtype ${order}${code}`;
    const isText = code.startsWith("U") || code.startsWith("S");
    // NumPy has one object for each type of numbers in native order, and makes the others anew.
    if (!isText && this.#recall(this.#globals.get(key))) return;
    this.#call("numpy", "dtype", [code, false, true]);
    this.#globals.set(key, this.#memoSize - 1);
    const sizes = isText
      ? [itemSizeOf(code) ?? 0, code.startsWith("U") ? 4 : 1, code.startsWith("U") ? 8 : 0]
      : [-1, -1, 0];
    this.#tuple([3, order, null, null, null, ...sizes]);
    this.#output.byte(opcode.build);
  }

  #scalar({ dtype, value }: NumpyScalar): void {
    const data = allocateData(dtype, 1);
    // The storage of a dtype takes its values: NumpyScalar pairs them.
    data[0] = (dtype === "bool" ? Number(value) : value) as never;
    const width = isTextData(data) ? textWidth(data, 0) : 0;
    this.#global("numpy.core.multiarray", "scalar");
    this.#dtype(dtypeCode(dtype, width));
    this.#bytes(arrayBytes(data, width));
    this.#output.byte(opcode.tuple2);
    this.#memoize();
    this.#output.byte(opcode.reduce);
    this.#memoize();
  }

  #array(array: NdArray): void {
    const { dtype, shape, data } = array;
    const width = isTextData(data) ? textWidth(data, 1) : 0;
    this.#global("numpy.core.multiarray", "_reconstruct");
    this.#global("numpy", "ndarray");
    this.#tuple([0]);
    this.#bytes(Uint8Array.of(0x62));
    this.#output.byte(opcode.tuple3);
    this.#memoize();
    this.#output.byte(opcode.reduce);
    this.#objects.set(array, this.#memoize());
    this.#output.byte(opcode.mark);
    this.#save(1);
    this.#tuple(shape);
    this.#dtype(dtypeCode(dtype, width));
    this.#output.byte(opcode.newFalse);
    this.#bytes(arrayBytes(data, width));
    this.#output.byte(opcode.tuple);
    this.#memoize();
    this.#output.byte(opcode.build);
  }

  #memoize(): number {
    this.#output.byte(opcode.memoize);
    return this.#memoSize++;
  }

  /** Refers to what was written before; false when there is no such. */
  #recall(index: number | undefined): boolean {
    if (index === undefined) return false;
    if (index < 256) this.#output.byteOperand(opcode.binGet, index);
    else this.#output.int32Operand(opcode.longBinGet, index);
    return true;
  }
}

/** Tells an object literal from an instance of a class. */
export function isPlainObject(value: object): value is { readonly [key: string]: PickleInput | undefined } {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function splitOffset(seconds: number): [number, number, number] {
  const days = Math.floor(seconds / 86_400);
  return [days, seconds - days * 86_400, 0];
}

function dateTimeState(value: PyDateTime): Uint8Array {
  const { year, month, day, hour, minute, second, microsecond } = value;
  const high = microsecond >> 16;
  return Uint8Array.of(year >> 8, year, month, day, hour, minute, second, high, microsecond >> 8, microsecond);
}

function dateState({ year, month, day }: PyDate): Uint8Array {
  return Uint8Array.of(year >> 8, year, month, day);
}
