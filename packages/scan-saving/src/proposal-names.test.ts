import { expect, it } from "vitest";
import { proposalDirname, proposalName, proposalSession, proposalType } from "./proposal-names.js";

const prefixes = { inhouse: ["BLC"], tmp: ["tmp", "temp", "test"] };

it("writes the name of a proposal in small letters and digits", () => {
  expect(proposalName("HG-123 x_1")).toBe("hg123x1");
  expect(() => proposalName("hg/123")).toThrow("'hg/123' is no name of a proposal");
  expect(() => proposalName("_ -")).toThrow("'_ -' is no name of a proposal");
});

it.each([
  ["id002101", "inhouse"],
  ["blc123", "inhouse"],
  ["temp1", "tmp"],
  ["hg123", "visitor"],
  ["0201234", "visitor"],
] as const)("takes %s for %s", (name, type) => {
  expect(proposalType(name, "id00", prefixes)).toBe(type);
});

it("puts the beamline before a visitor's number, when it is one of the beamline", () => {
  expect(proposalDirname("0201234", "visitor", "bm02")).toBe("bm021234");
  expect(proposalDirname("0201234", "visitor", "id00")).toBe("0201234");
  expect(proposalDirname("0201234", "inhouse", "bm02")).toBe("0201234");
  expect(proposalDirname("hg123", "visitor", "bm02")).toBe("hg123");
});

it.each([
  [[], "20261101"],
  [["20260101", "other"], "20260101"],
  [["20260101", "20261120", "20270101"], "20261120"],
  [["20260101", "20261121"], "20261121"],
  [["20270201", "20270101"], "20270101"],
  [["20261332"], "20261101"],
])("goes on with the session of %j that is %s", (existing, session) => {
  expect(proposalSession(existing, new Date(2026, 10, 21))).toBe(session);
});
