import { expect, it } from "vitest";
import { decodeText, encodeText } from "./python-text.js";

it.each([
  "",
  "mm",
  "é€😀",
  "a name that is longer than the short path",
  "\ufeffmark",
  "\ud800",
  "x\udc00y\ud800",
  "a\u0000b",
])("gives back the text %j", (text) => {
  expect(decodeText(encodeText(text))).toBe(text);
});

it("writes a lone surrogate as its three bytes, as Python does", () => {
  expect(Array.from(encodeText("\ud800"))).toEqual([0xed, 0xa0, 0x80]);
});

it("replaces what is no UTF-8", () => {
  expect(decodeText(Uint8Array.of(0x61, 0xff, 0x62))).toBe("a\ufffdb");
});
