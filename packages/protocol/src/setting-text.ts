import { PyFloat } from "./pickle-value.js";
import type { PickleInput } from "./pickle-writer.js";
import { pythonRepr } from "./python-repr.js";

/** What the bytes of a text setting stand for; a Python float is a {@link PyFloat}, bytes are no UTF-8. */
export type SettingText = boolean | number | bigint | PyFloat | string | Uint8Array;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads a text setting as BLISS does: `True` and `False` (or `true`, `false`) are booleans, then what Python's `int()` and
 * `float()` take is a number, everything else stays a text, `None` too. Bytes that are no UTF-8 stay bytes.
 */
export function decodeSettingText(bytes: Uint8Array): SettingText {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return bytes;
  }
  if (text === "True" || text === "true") return true;
  if (text === "False" || text === "false") return false;
  return numberOf(text) ?? text;
}

/**
 * Writes a value as Python's `str()`: `50.0` needs `pyFloat(50)`, as an integral number is an int.
 *
 * @throws ArgumentError as {@link pythonRepr}
 */
export function encodeSettingText(value: PickleInput): string | Uint8Array {
  return typeof value === "string" || value instanceof Uint8Array ? value : pythonRepr(value);
}

/** What Python's `str.strip()` removes: unlike JavaScript's `trim`, also some control characters, but no U+FEFF. */
const blank = "[^\\S\\ufeff]|[\\x1c-\\x1f\\x85]";
const blanks = new RegExp(`^(?:${blank})+|(?:${blank})+$`, "g");
const digits = "\\d+(?:_\\d+)*";
const int = new RegExp(`^[+-]?${digits}$`);
const float = new RegExp(`^[+-]?(?:(?:${digits})(?:\\.(?:${digits})?)?|\\.(?:${digits}))(?:e[+-]?${digits})?$`, "i");
const special = /^([+-]?)(nan|inf|infinity)$/i;

function numberOf(text: string): number | bigint | PyFloat | undefined {
  const plain = asciiDigits(text).replaceAll(blanks, "");
  if (int.test(plain)) {
    const small = Number(plain.replaceAll("_", ""));
    if (Number.isSafeInteger(small)) return small === 0 ? 0 : small;
    // BigInt takes no sign +
    return BigInt(plain.replaceAll(/[+_]/g, ""));
  }
  if (float.test(plain)) return new PyFloat(Number(plain.replaceAll("_", "")));
  const [, sign, name] = special.exec(plain) ?? [];
  if (name === undefined) return undefined;
  if (name.toLowerCase() === "nan") return new PyFloat(Number.NaN);
  return new PyFloat(sign === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
}

const foreignDigit = /(?!\d)\p{Nd}/gu;

/** Decimal digits of other scripts, which stand in Unicode in runs of ten from zero on, as ASCII. */
function asciiDigits(text: string): string {
  return text.replaceAll(foreignDigit, (digit) => {
    const code = digit.codePointAt(0) ?? 0;
    let start = code;
    while (/\p{Nd}/u.test(String.fromCodePoint(start - 1))) start--;
    return String((code - start) % 10);
  });
}
