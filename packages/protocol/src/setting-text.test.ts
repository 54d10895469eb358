import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PyFloat, pyFloat, pyTuple } from "./pickle-value.js";
import type { PickleInput } from "./pickle-writer.js";
import { pythonRepr } from "./python-repr.js";
import { decodeSettingText, encodeSettingText } from "./setting-text.js";

interface Vectors {
  readonly auto_coerce: readonly (({ readonly text: string } | { readonly hex: string }) & {
    readonly type: string;
    readonly value: string;
  })[];
  readonly str_write: readonly { readonly python: string; readonly stored: string }[];
}

const file = new URL("../../../tooling/vectors/beacon-settings.json", import.meta.url);
// the file is ours, its shape is the one above
const vectors = JSON.parse(readFileSync(file, "utf8")) as Vectors;

const typeOf = (value: unknown): string => {
  if (value instanceof PyFloat) return "float";
  if (value instanceof Uint8Array) return "bytes";
  if (typeof value === "number" || typeof value === "bigint") return "int";
  return typeof value === "boolean" ? "bool" : "str";
};

describe("a text setting reads as BLISS reads it", () => {
  it.each(vectors.auto_coerce.map((expected) => [JSON.stringify(expected), expected] as const))("%s", (_, expected) => {
    const bytes = "hex" in expected ? Buffer.from(expected.hex, "hex") : Buffer.from(expected.text);
    const value = decodeSettingText(bytes);
    expect({ type: typeOf(value), value: pythonRepr(value) }).toEqual({ type: expected.type, value: expected.value });
  });

  it.each([
    ["1e5_0", "float"],
    ["1__0", "str"],
    ["_1", "str"],
    ["--1", "str"],
    ["e5", "str"],
    [".", "str"],
    ["\u00a012\u2003", "int"],
    ["9007199254740993", "int"],
    ["+9007199254740993", "int"],
    ["𝟙𝟚.𝟝", "float"],
    ["infinit", "str"],
  ])("%j is a %s", (text, type) => {
    expect(typeOf(decodeSettingText(Buffer.from(text)))).toBe(type);
  });

  it("keeps every digit of an int beyond 2^53", () => {
    expect(decodeSettingText(Buffer.from("+9007199254740993"))).toBe(9007199254740993n);
  });
});

describe("a text setting is written as Python's str", () => {
  const values: Readonly<Record<string, PickleInput>> = {
    "1.0": pyFloat(1),
    "1e+22": pyFloat(1e22),
    "1e+16": pyFloat(1e16),
    "123456789012345678": 123456789012345678n,
    True: true,
    None: null,
    "'x'": "x",
    nan: Number.NaN,
    inf: Number.POSITIVE_INFINITY,
    "-0.0": -0,
    "[1, 'a']": [1, "a"],
    "(1,)": pyTuple([1]),
    "{'a': 1}": { a: 1 },
  };
  it.each(vectors.str_write.map(({ python, stored }) => [python, stored] as const))("%s", (python, stored) => {
    expect(encodeSettingText(python in values ? (values[python] ?? null) : Number(python))).toBe(stored);
  });

  it("with texts inside lists quoted as Python quotes them", () => {
    expect(pythonRepr(["it's", 'say "no"', 'it\'s "so"', "a\n\t\\", "é\u200b\u{e000}", "\u0001"])).toBe(
      `["it's", 'say "no"', 'it\\'s "so"', 'a\\n\\t\\\\', 'é\\u200b\\ue000', '\\x01']`,
    );
  });

  it("but for what has no such text", () => {
    expect(() => encodeSettingText(new Date(0))).toThrow("a Date has no text here");
    const circle: PickleInput[] = [];
    circle.push(circle as never);
    expect(() => encodeSettingText(circle)).toThrow("contains itself");
  });
});
