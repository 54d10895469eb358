import { ArgumentError } from "@beamtime/errors";
import { PyFloat, PyFrozenSet, PyTuple } from "./pickle-value.js";
import { isPlainObject, maxDepth, type PickleInput } from "./pickle-writer.js";
import { pythonFloatText } from "./python-float-text.js";

/**
 * Text of a value as Python's `repr()` gives it: `None`, `True`, `1.0`, `'it'`, `[1, 'a']`, `(1,)`, `{'a': 1}`. Numbers
 * are told apart as {@link PickleInput} says.
 *
 * @throws ArgumentError for what has no such text here: arrays of NumPy, classes, dates, what is nested more than 200 deep
 */
export function pythonRepr(value: PickleInput): string {
  return repr(value, 0);
}

function repr(value: PickleInput | undefined, depth: number): string {
  if (depth > maxDepth) throw new ArgumentError("value", "is nested too deep, or contains itself");
  switch (typeof value) {
    case "boolean":
      return value ? "True" : "False";
    case "bigint":
      return value.toString();
    case "number":
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? value.toString() : pythonFloatText(value);
    case "string":
      return textRepr(value);
    case "object":
      return value === null ? "None" : objectRepr(value, depth + 1);
    case "function":
    case "symbol":
    case "undefined":
      throw new ArgumentError("value", `a ${typeof value} has no text in Python`);
  }
}

function objectRepr(value: object & PickleInput, depth: number): string {
  const list = (items: Iterable<PickleInput>): string => Array.from(items, (item) => repr(item, depth)).join(", ");
  const dict = (entries: Iterable<readonly [PickleInput, PickleInput | undefined]>): string => {
    const shown = Array.from(entries).filter(([, item]) => item !== undefined);
    return `{${shown.map(([key, item]) => `${repr(key, depth)}: ${repr(item, depth)}`).join(", ")}}`;
  };
  if (value instanceof PyFloat) return pythonFloatText(value.value);
  if (Array.isArray(value)) return `[${list(value)}]`;
  if (value instanceof PyTuple) return value.items.length === 1 ? `(${list(value.items)},)` : `(${list(value.items)})`;
  if (value instanceof PyFrozenSet)
    return value.items.length === 0 ? "frozenset()" : `frozenset({${list(value.items)}})`;
  if (value instanceof Set) return value.size === 0 ? "set()" : `{${list(value)}}`;
  if (value instanceof Map) return dict(value);
  if (value instanceof Uint8Array) return bytesRepr(value);
  if (isPlainObject(value)) return dict(Object.entries(value));
  throw new ArgumentError("value", `a ${value.constructor.name} has no text here: use texts, numbers, lists and dicts`);
}

/** In single quotes, unless these are in the text and double ones are not. */
function quoteFor(text: string): "'" | '"' {
  return text.includes("'") && !text.includes('"') ? '"' : "'";
}

function textRepr(text: string): string {
  const quote = quoteFor(text);
  const escaped = text.replaceAll(/[\\'"\p{C}\p{Z}]/gu, (character) => {
    if (character === " ") return character;
    if (character === "'" || character === '"') return character === quote ? `\\${character}` : character;
    return escapedCharacter(character.codePointAt(0) ?? 0);
  });
  return quote + escaped + quote;
}

function bytesRepr(bytes: Uint8Array): string {
  const quote = quoteFor(String.fromCharCode(...bytes.subarray(0, 10_000)));
  const shown = Array.from(bytes, (byte) => {
    if (byte === quote.charCodeAt(0)) return `\\${quote}`;
    return byte >= 0x20 && byte < 0x7f && byte !== 0x5c ? String.fromCharCode(byte) : escapedCharacter(byte);
  });
  return `b${quote}${shown.join("")}${quote}`;
}

function escapedCharacter(code: number): string {
  const short = { 9: "\\t", 10: "\\n", 13: "\\r", 92: "\\\\" }[code];
  if (short !== undefined) return short;
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
