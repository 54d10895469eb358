import { describe, expect, it } from "vitest";
import { readPickle } from "./pickle-reader.js";
import { pyClass, pyFloat } from "./pickle-value.js";
import { type PickleInput, writePickle } from "./pickle-writer.js";
import { PyDateTime } from "./python-datetime.js";

describe("the pickle writer", () => {
  it.each<[string, PickleInput, string]>([
    ["None", null, "80044e2e"],
    ["True", true, "8004882e"],
    ["a small int", 3, "80044b032e"],
    ["a text", "mm", "80049506000000000000008c026d6d942e"],
    ["an empty text", "", "80049504000000000000008c00942e"],
    ["a float", 1795233012.347945, "8004950a000000000000004741dac0453d1644bb2e"],
    ["a float that is integral", pyFloat(2), "8004950a000000000000004740000000000000002e"],
    ["a list", [0], "80049506000000000000005d944b00612e"],
    ["a class", pyClass("builtins", "float"), "80049516000000000000008c086275696c74696e73948c05666c6f61749493942e"],
    [
      "a datetime",
      new PyDateTime({ year: 2026, month: 11, day: 21, hour: 3, minute: 50, second: 11, microsecond: 957_570 }),
      "8004952a000000000000008c086461746574696d65948c086461746574696d65949394430a07ea0b1503320b0e9c8294859452942e",
    ],
  ])("writes %s byte for byte as Python", (_, value, hex) => {
    expect(Buffer.from(writePickle(value)).toString("hex")).toBe(hex);
  });

  it("takes plain JavaScript", () => {
    const written = writePickle({
      integer: 2,
      fraction: 2.5,
      big: 2 ** 60,
      negativeZero: -0,
      list: [1n, null],
      left: undefined,
      array: { dtype: "uint8", shape: [2], data: Uint8Array.of(1, 2) },
      nearlyArray: { dtype: "uint8", shape: [3], data: [1, 2] },
    });
    expect(readPickle(written)).toEqual(
      new Map<unknown, unknown>([
        ["integer", 2],
        ["fraction", pyFloat(2.5)],
        ["big", pyFloat(2 ** 60)],
        ["negativeZero", pyFloat(-0)],
        ["list", [1, null]],
        ["array", { dtype: "uint8", shape: [2], data: Uint8Array.of(1, 2) }],
        [
          "nearlyArray",
          new Map<unknown, unknown>([
            ["dtype", "uint8"],
            ["shape", [3]],
            ["data", [1, 2]],
          ]),
        ],
      ]),
    );
  });

  it.each([
    ["a function", () => 1, "function"],
    ["an instance of a class", [new URL("http://localhost")], "URL"],
    ["undefined in a list", [undefined], "undefined"],
  ])("refuses %s", (_, value, message) => {
    // What a caller without types may give.
    expect(() => writePickle(value as unknown as PickleInput)).toThrow(
      expect.objectContaining({ code: "BAD_ARGUMENT", message: expect.stringContaining(message) }),
    );
  });

  it("refuses what is nested too deep", () => {
    let deep: PickleInput = 1;
    for (let level = 0; level < 201; level++) deep = [deep];
    expect(() => writePickle(deep)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
  });

  it("writes a container within itself as a reference, as Python does", () => {
    const list: PickleInput[] = [];
    list.push(list);
    expect(Buffer.from(writePickle(list)).toString("hex")).toBe("80049506000000000000005d946800612e");
  });
});
