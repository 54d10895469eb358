import { expect, it } from "vitest";
import { Container } from "./container.js";

it("nests without limit", () => {
  const sample = new Container("sample", new Container("proposal", new Container("session")));
  expect(sample.path).toEqual(["session", "proposal", "sample"]);
});

it.each(["", "a:b"])("refuses the name '%s'", (name) => {
  expect(() => new Container(name)).toThrow("expected a text without ':'");
});
