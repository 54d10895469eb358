import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { lastEntryNumber, memberName, normalizedName, shortestUniqueNames, untakenName } from "./names.js";

const cases = JSON.parse(
  readFileSync(new URL("../../../tooling/vectors/hdf5-cases.json", import.meta.url), "utf8"),
) as { normalized_names: Record<string, string>; short_names: { names: string[]; short: Record<string, string> }[] };

describe("normalizedName", () => {
  it.each(Object.entries(cases.normalized_names))("turns %s into %s, as BLISS does", (name, normalized) => {
    expect(normalizedName(name)).toBe(normalized);
  });
});

describe("shortestUniqueNames", () => {
  it.each(cases.short_names)("cuts $names as BLISS does", ({ names, short }) => {
    expect(Object.fromEntries(shortestUniqueNames(names))).toEqual(short);
  });
});

describe("untakenName", () => {
  it("numbers what is taken already", () => {
    const taken = new Set(["a", "a_2"]);
    expect([untakenName("a", taken), untakenName("a", taken), untakenName("b", taken)]).toEqual(["a_3", "a_4", "b"]);
  });
});

describe("memberName", () => {
  it("never reaches into another group", () => {
    expect(["a/b", ".", "", "samx"].map(memberName)).toEqual(["a_b", "_", "_", "samx"]);
  });
});

describe("lastEntryNumber", () => {
  it("takes the largest number, not the last name, and nothing but entries", () => {
    expect(lastEntryNumber(["1.1", "10.1", "2.1", "9.2", "11", "sample_12.1"])).toBe(10);
    expect(lastEntryNumber([])).toBe(0);
  });
});
