import { PickleError } from "./pickle-error.js";
import { readPickle } from "./pickle-reader.js";
import { PyFloat } from "./pickle-value.js";
import { isPlainObject, maxDepth, type PickleInput, writePickle } from "./pickle-writer.js";
import { type PlainValue, toPlain } from "./plain-value.js";

/**
 * Keys of scan_info whose numbers are floats in Python, at any depth, with all numbers below them. JavaScript cannot
 * tell 2 from 2.0, Python programs can.
 */
export const scanInfoFloats: ReadonlySet<string> = new Set([
  "count_time",
  "sleep_time",
  "stab_time",
  "start_timestamp",
  "end_timestamp",
  "timestamp",
  "plotselect_time",
  "positioners",
]);

/**
 * Fields of an info hash, each value pickled on its own. Null is written as a pickled None; to remove a field is up to
 * the caller, as are fields whose value is undefined (left out).
 *
 * @param floats keys whose numbers are written as floats even when they are integral
 * @throws ArgumentError for a value that cannot be pickled
 */
export function encodeInfo(
  info: { readonly [field: string]: PickleInput | undefined },
  floats: ReadonlySet<string> = scanInfoFloats,
): [field: string, value: Uint8Array][] {
  const fields: [string, Uint8Array][] = [];
  for (const [field, value] of Object.entries(info)) {
    if (value !== undefined) fields.push([field, writePickle(withFloats(value, floats.has(field), floats))]);
  }
  return fields;
}

/** Decoded fields of an info hash. */
export interface DecodedInfo {
  /** An object without prototype. */
  readonly values: { readonly [field: string]: PlainValue };
  /** Fields that are no pickle or hold what is not accepted; the others are not affected. */
  readonly unreadable: readonly string[];
}

/** Reads the fields of an info hash as plain values. */
export function decodeInfo(
  fields: Readonly<Record<string, Uint8Array>> | Iterable<readonly [string, Uint8Array]>,
): DecodedInfo {
  const values: { [field: string]: PlainValue } = Object.create(null);
  const unreadable: string[] = [];
  for (const [field, bytes] of isIterable(fields) ? fields : Object.entries(fields)) {
    try {
      values[field] = toPlain(readPickle(bytes));
    } catch (error) {
      if (!(error instanceof PickleError)) throw error;
      unreadable.push(field);
    }
  }
  return { values, unreadable };
}

function isIterable<Item>(value: object | Iterable<Item>): value is Iterable<Item> {
  return Symbol.iterator in value;
}

/** Marks the numbers below the keys of `floats`. Only plain objects and arrays are looked into. */
function withFloats(value: PickleInput, isFloat: boolean, floats: ReadonlySet<string>, depth = 0): PickleInput {
  if (typeof value === "number") return isFloat ? new PyFloat(value) : value;
  // What is nested deeper, or within itself, is left to the pickle writer to refuse.
  if (typeof value !== "object" || value === null || depth > maxDepth) return value;
  if (Array.isArray(value)) {
    // Array.isArray forgets the element type of a readonly array.
    return (value as readonly PickleInput[]).map((item) => withFloats(item, isFloat, floats, depth + 1));
  }
  if (!isPlainObject(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => {
    return [key, item === undefined ? item : withFloats(item, isFloat || floats.has(key), floats, depth + 1)] as const;
  });
  return Object.fromEntries(entries);
}
