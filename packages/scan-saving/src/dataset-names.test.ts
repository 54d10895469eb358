import { expect, it } from "vitest";
import { checkDirectoryName, datasetNames } from "./dataset-names.js";

const first = (wanted: string | number | undefined): string[] => {
  const names = datasetNames(wanted, "%04d");
  return Array.from({ length: 3 }, () => names.next().value);
};

it.each([
  [undefined, ["0001", "0002", "0003"]],
  ["", ["0001", "0002", "0003"]],
  [7, ["0007", "0008", "0009"]],
  ["0012", ["0012", "0013", "0014"]],
  ["area1", ["area1", "area1_0002", "area1_0003"]],
])("proposes for %j the names %j", (wanted, names) => {
  expect(first(wanted)).toEqual(names);
});

it.each(["a/b", "a:b", "{a}", "50%", "a\\b", "it's", "a\u0000", ".."])("refuses the name %j of a directory", (name) => {
  expect(() => checkDirectoryName("dataset", name)).toThrow("names a directory and must not have");
});

it.each([1.5, Number.NaN])("refuses the number %d", (number) => {
  expect(() => checkDirectoryName("dataset", number)).toThrow("expected an integer, or a name");
});

it("takes blanks, points and letters of any language", () => {
  for (const name of ["sample A", "Ni.O", "Größe", 7, undefined]) checkDirectoryName("collection", name);
});
