import { expect, it } from "vitest";
import { ReceiveBuffer } from "./receive-buffer.js";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

it("finds a terminator that comes in two pieces, and the next one behind it", () => {
  const buffer = new ReceiveBuffer();
  const end = Buffer.from("\r\n");
  buffer.append(Buffer.from("abc\r"));
  expect(buffer.search(end)).toBe(-1);
  buffer.append(Buffer.from("\nde\r\nf"));
  expect(buffer.search(end)).toBe(3);
  expect(text(buffer.take(5))).toBe("abc\r\n");
  expect(buffer.search(end)).toBe(2);
  expect(text(buffer.take(4))).toBe("de\r\n");
  expect(buffer.search(end)).toBe(-1);
  expect(text(buffer.take(buffer.length))).toBe("f");
  expect(buffer.length).toBe(0);
});

it("takes many small pieces and gives them back whole, however they are taken out", () => {
  const buffer = new ReceiveBuffer();
  let given = "";
  let taken = "";
  for (let index = 0; index < 5000; index++) {
    buffer.append(Buffer.from(`${index},`));
    given += `${index},`;
    if (index % 3 === 0) taken += text(buffer.take(Math.min(buffer.length, 7)));
  }
  expect(taken + text(buffer.take(buffer.length))).toBe(given);
});

it("searches from the start again when another terminator is wanted", () => {
  const buffer = new ReceiveBuffer();
  buffer.append(Buffer.from("a;b"));
  expect(buffer.search(Buffer.from("\n"))).toBe(-1);
  buffer.restartSearch();
  expect(buffer.search(Buffer.from(";"))).toBe(1);
});
