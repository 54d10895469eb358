import type { NdArray } from "./nd-array.js";
import type { NumpyScalar } from "./numpy-scalar.js";
import { checkDepth } from "./pickle-depth.js";
import { PickleError } from "./pickle-error.js";
import { applyState, type ConversionContext, convertCall, knownClass } from "./pickle-globals.js";
import { opcode } from "./pickle-opcodes.js";
import { type PickleValue, PyFloat, PyFrozenSet, PyTuple } from "./pickle-value.js";
import { decodeText } from "./python-text.js";

/** Bounds of what {@link readPickle} accepts. */
export interface PickleLimits {
  /** Bytes of the whole pickle. Default 512 MiB, the longest value of Redis. */
  readonly maxBytes?: number;
  /** Containers inside containers. Default 200. */
  readonly maxDepth?: number;
  /** Lists, tuples, dicts, sets and objects. Default 200,000. */
  readonly maxContainers?: number;
  /** Remembered values, for references. Default 1,000,000. */
  readonly maxMemo?: number;
  /** Bytes of one integer. Default 4096. */
  readonly maxLongBytes?: number;
}

const defaultLimits: Required<PickleLimits> = {
  maxBytes: 512 * 1024 * 1024,
  maxDepth: 200,
  maxContainers: 200_000,
  maxMemo: 1_000_000,
  maxLongBytes: 4096,
};

/**
 * Decodes a Python pickle of protocol 2 to 5 that holds plain values, dates and NumPy data, and refuses all else.
 *
 * Nothing is executed, imported or looked up: globals are names out of a fixed list. A value that occurs twice in the
 * pickle is one object in the result, cycles included. Memory stays in proportion to `bytes`, whatever they claim. Byte
 * strings of the result are views of `bytes`.
 *
 * @throws PickleError with the `reason`; no other error
 */
export function readPickle(bytes: Uint8Array, limits: PickleLimits = {}): PickleValue {
  return new PickleReader(bytes, { ...defaultLimits, ...limits }).read();
}

/** The machine that runs the opcodes of one pickle. */
export class PickleReader implements ConversionContext {
  /** The last array or scalar whose elements are a part of the input as it is, and where that part lies. */
  elements: { readonly of: NumpyScalar | NdArray; readonly start: number; readonly length: number } | undefined;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #limits: Required<PickleLimits>;
  readonly #stack: PickleValue[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #at = 0;
  #containers = 0;
  #budget: number;

  constructor(bytes: Uint8Array, limits: Required<PickleLimits> = defaultLimits) {
    if (bytes.length > limits.maxBytes) {
      throw new PickleError("limit", `the pickle has ${bytes.length} bytes, ${limits.maxBytes} are accepted`);
    }
    // A plain view also of a Node Buffer, so that byte strings come out as Uint8Array.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#limits = limits;
    this.#budget = bytes.length;
  }

  read(): PickleValue {
    while (true) {
      const code = this.#unsigned(1);
      if (code === opcode.stop) break;
      this.#run(code);
    }
    const value = this.#pop();
    if (this.#containers > this.#limits.maxDepth) checkDepth(value, this.#limits.maxDepth);
    return value;
  }

  spend(size: number): void {
    this.#budget -= size;
    if (this.#budget < 0) throw new PickleError("limit", "the pickle copies the same data again and again");
  }

  elementsOf(value: NumpyScalar | NdArray, bytes: Uint8Array): void {
    this.elements = { of: value, start: bytes.byteOffset - this.#bytes.byteOffset, length: bytes.length };
  }

  #run(code: number): void {
    const atom = this.#atom(code);
    if (atom !== undefined) {
      this.#stack.push(atom);
      return;
    }
    const container = this.#container(code);
    if (container !== undefined) this.#pushContainer(container);
    else this.#act(code);
  }

  /** The value of an opcode that stands for one; undefined for the other opcodes. */
  #atom(code: number): PickleValue | undefined {
    switch (code) {
      case opcode.none:
        return null;
      case opcode.newTrue:
        return true;
      case opcode.newFalse:
        return false;
      case opcode.binInt1:
        return this.#unsigned(1);
      case opcode.binInt2:
        return this.#unsigned(2);
      case opcode.binInt:
        return this.#view.getInt32(this.#skip(4), true);
      case opcode.long1:
        return this.#long(this.#length(1));
      case opcode.long4:
        return this.#long(this.#length(4));
      case opcode.binFloat:
        return new PyFloat(this.#view.getFloat64(this.#skip(8)));
      case opcode.shortBinUnicode:
        return this.#text(1);
      case opcode.binUnicode:
        return this.#text(4);
      case opcode.binUnicode8:
        return this.#text(8);
      case opcode.shortBinBytes:
        return this.#take(this.#length(1));
      case opcode.binBytes:
        return this.#take(this.#length(4));
      case opcode.binBytes8:
      case opcode.byteArray8:
        return this.#take(this.#length(8));
      case opcode.binGet:
        return this.#recall(this.#unsigned(1));
      case opcode.longBinGet:
        return this.#recall(this.#unsigned(4));
      case opcode.dup:
        return this.#top();
      case opcode.global:
        return knownClass(this.#line(), this.#line());
      case opcode.stackGlobal: {
        const [module, name] = this.#popItems(2);
        if (typeof module !== "string" || typeof name !== "string") throw this.#malformed("STACK_GLOBAL without names");
        return knownClass(module, name);
      }
      default:
        return undefined;
    }
  }

  /** The container or object that an opcode makes; undefined for the other opcodes. */
  #container(code: number): PickleValue | undefined {
    switch (code) {
      case opcode.emptyList:
        return [];
      case opcode.emptyDict:
        return new Map();
      case opcode.emptySet:
        return new Set();
      case opcode.emptyTuple:
        return new PyTuple<PickleValue>([]);
      case opcode.tuple1:
        return new PyTuple(this.#popItems(1));
      case opcode.tuple2:
        return new PyTuple(this.#popItems(2));
      case opcode.tuple3:
        return new PyTuple(this.#popItems(3));
      case opcode.tuple:
        return new PyTuple(this.#popToMark());
      case opcode.frozenSet:
        return new PyFrozenSet(this.#popToMark());
      case opcode.reduce:
      case opcode.newObj: {
        const args = this.#pop();
        return convertCall(this.#pop(), args, this);
      }
      default:
        return undefined;
    }
  }

  /** Runs an opcode that changes what is there. */
  #act(code: number): void {
    switch (code) {
      case opcode.proto:
        this.#protocol(this.#unsigned(1));
        break;
      case opcode.frame:
        this.#length(8);
        break;
      case opcode.mark:
        this.#marks.push(this.#stack.length);
        break;
      case opcode.pop:
        // As in Python, POP of nothing since a mark takes the mark away.
        if (this.#stack.length === this.#marks.at(-1)) this.#marks.pop();
        else this.#pop();
        break;
      case opcode.popMark:
        this.#popToMark();
        break;
      case opcode.memoize:
        this.#remember(this.#memo.size);
        break;
      case opcode.binPut:
        this.#remember(this.#unsigned(1));
        break;
      case opcode.longBinPut:
        this.#remember(this.#unsigned(4));
        break;
      case opcode.append:
        this.#append(this.#popItems(1));
        break;
      case opcode.appends:
        this.#append(this.#popToMark());
        break;
      case opcode.setItem:
        this.#setItems(this.#popItems(2));
        break;
      case opcode.setItems:
        this.#setItems(this.#popToMark());
        break;
      case opcode.addItems:
        this.#addItems(this.#popToMark());
        break;
      case opcode.build: {
        const state = this.#pop();
        applyState(this.#top(), state, this);
        break;
      }
      default: {
        const shown = `0x${code.toString(16).padStart(2, "0")}`;
        throw new PickleError("unsupported-opcode", `opcode ${shown} at ${this.#at - 1} is not in the subset`);
      }
    }
  }

  #protocol(version: number): void {
    if (version > 5) throw new PickleError("unsupported-opcode", `pickle protocol ${version} is not known`);
  }

  #pushContainer(value: PickleValue): void {
    this.#containers += 1;
    if (this.#containers > this.#limits.maxContainers) {
      throw new PickleError("limit", `the pickle has more than ${this.#limits.maxContainers} containers`);
    }
    this.#stack.push(value);
  }

  #pop(): PickleValue {
    const value = this.#top();
    this.#stack.pop();
    return value;
  }

  #top(): PickleValue {
    const floor = this.#marks.at(-1) ?? 0;
    const value = this.#stack.at(-1);
    if (this.#stack.length <= floor || value === undefined) throw this.#malformed("nothing on the stack");
    return value;
  }

  #popItems(count: number): PickleValue[] {
    const start = this.#stack.length - count;
    if (start < (this.#marks.at(-1) ?? 0)) throw this.#malformed("nothing on the stack");
    return this.#stack.splice(start);
  }

  #popToMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.#malformed("no mark on the stack");
    return this.#stack.splice(mark);
  }

  #append(items: readonly PickleValue[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) throw this.#malformed("APPEND to what is no list");
    for (const item of items) list.push(item);
  }

  #setItems(items: readonly PickleValue[]): void {
    const dict = this.#top();
    if (!(dict instanceof Map) || items.length % 2 !== 0) throw this.#malformed("SETITEMS to what is no dict");
    for (let at = 0; at < items.length; at += 2) dict.set(items[at] ?? null, items[at + 1] ?? null);
  }

  #addItems(items: readonly PickleValue[]): void {
    const set = this.#top();
    if (!(set instanceof Set)) throw this.#malformed("ADDITEMS to what is no set");
    for (const item of items) set.add(item);
  }

  #remember(index: number): void {
    this.#memo.set(index, this.#top());
    if (this.#memo.size > this.#limits.maxMemo) {
      throw new PickleError("limit", `the pickle remembers more than ${this.#limits.maxMemo} values`);
    }
  }

  #recall(index: number): PickleValue {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.#malformed(`nothing remembered as ${index}`);
    return value;
  }

  /** Steps over `count` bytes and returns where they begin. */
  #skip(count: number): number {
    const start = this.#at;
    if (count > this.#bytes.length - start) {
      throw new PickleError(
        "truncated",
        `the pickle ends at ${this.#bytes.length}, ${count} bytes expected at ${start}`,
      );
    }
    this.#at = start + count;
    return start;
  }

  #unsigned(size: 1 | 2 | 4): number {
    const at = this.#skip(size);
    if (size === 1) return this.#view.getUint8(at);
    return size === 2 ? this.#view.getUint16(at, true) : this.#view.getUint32(at, true);
  }

  /** A length that the rest of the input can hold: checked before anything is allocated for it. */
  #length(size: 1 | 4 | 8): number {
    const at = this.#skip(size);
    const length =
      size === 8
        ? this.#view.getUint32(at, true) + this.#view.getUint32(at + 4, true) * 2 ** 32
        : size === 4
          ? this.#view.getUint32(at, true)
          : this.#view.getUint8(at);
    if (length > this.#bytes.length - this.#at) {
      const left = this.#bytes.length - this.#at;
      throw new PickleError("truncated", `the pickle announces ${length} bytes at ${at}, ${left} are left`);
    }
    return length;
  }

  #take(length: number): Uint8Array {
    const start = this.#skip(length);
    return this.#bytes.subarray(start, start + length);
  }

  #text(size: 1 | 4 | 8): string {
    return decodeText(this.#take(this.#length(size)));
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw new PickleError("truncated", `the pickle ends within the name at ${this.#at}`);
    const line = decodeText(this.#take(end - this.#at));
    this.#skip(1);
    return line;
  }

  #long(length: number): number | bigint {
    if (length > this.#limits.maxLongBytes) {
      throw new PickleError("limit", `an integer of ${length} bytes, ${this.#limits.maxLongBytes} are accepted`);
    }
    const bytes = this.#take(length);
    if (length === 0) return 0;
    let hex = "0x";
    for (let at = length - 1; at >= 0; at--) hex += (bytes[at] ?? 0).toString(16).padStart(2, "0");
    const value = BigInt.asIntN(8 * length, BigInt(hex));
    const small = Number(value);
    return Number.isSafeInteger(small) ? small : value;
  }

  #malformed(what: string): PickleError {
    return new PickleError("malformed", `the pickle is malformed at ${this.#at}: ${what}`);
  }
}
