import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ScanInfo } from "@beamtime/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileTree } from "./file-tree.js";
import { H5File } from "./h5-file.js";
import { hdf5Library } from "./hdf5-library.js";
import { MetadataWriter } from "./metadata-writer.js";
import { treeText } from "./tree-text.js";

let folder: string;
let file: H5File;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "beamtime-h5-"));
  file = new H5File(await hdf5Library(), join(folder, "data.h5"), "create");
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** The lines of the file's tree after these dictionaries were written, one after the other. */
async function linesAfter(...dictionaries: ScanInfo[]): Promise<string[]> {
  const metadata = new MetadataWriter(file, new Set(["/user/reserved"]));
  for (const dictionary of dictionaries) metadata.write("/user", dictionary);
  file.close();
  return treeText(fileTree(await hdf5Library(), file.filename))
    .split("\n")
    .slice(1);
}

describe("MetadataWriter", () => {
  it("writes dictionaries as groups, and values by their type", async () => {
    expect(
      await linesAfter({
        "@NX_class": "NXsample",
        slits: { gap: 0.5, "gap@units": "mm", "@note": "closed" },
        count: 3,
        big: 2n ** 40n,
        on: true,
        name: "A/B",
        list: [1, 2.5],
        words: ["a", "b"],
        mixed: ["a", 1],
        none: null,
        empty: [],
      }),
    ).toEqual([
      '  user/ @NX_class="NXsample"',
      "    big [<i8 []] 1099511627776",
      "    count [<i8 []] 3",
      "    list [<f8 [2]] [1, 2.5]",
      '    mixed [str []] "[\\"a\\",1]"',
      '    name [str []] "A/B"',
      "    on [|i1 []] 1",
      '    slits/ @NX_class="NXcollection" @note="closed"',
      '      gap [<f8 []] @units="mm" 0.5',
      '    words [str [2]] ["a", "b"]',
    ]);
  });

  it("updates values that come again, as far as their type allows", async () => {
    const lines = await linesAfter({ a: 1, b: "x", c: 1 }, { a: 2, b: "longer", c: "text", d: 4 });
    expect(lines.slice(1)).toEqual([
      "    a [<i8 []] 2",
      '    b [str []] "longer"',
      "    c [<i8 []] 1",
      "    d [<i8 []] 4",
    ]);
  });

  it("makes no group of a dictionary without members", async () => {
    expect(await linesAfter({ "@NX_class": "NXcollection" })).toEqual([]);
  });

  it("keeps off the paths that are not its own", async () => {
    const lines = await linesAfter({ reserved: { x: 1 }, a: 1, "b/c": 2 }, { reserved: 1, a: { x: 1 } });
    expect(lines).toEqual(['  user/ @NX_class="NXcollection"', "    a [<i8 []] 1", "    b_c [<i8 []] 2"]);
  });
});
