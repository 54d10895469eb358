import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { root, run } from "./built-packages.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "beamtime-rules-"));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await write("tsconfig.json", "{}");
  await write("package.json", "{}");
});
afterEach(() => rm(folder, { recursive: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

/** Names of the rules that an import between two files breaks. */
async function brokenBy(from: string, to: string): Promise<string[]> {
  await write(to, "export const value = 1;\n");
  await write(from, `import { value } from "../../../${to.replace(/ts$/, "js")}";\nexport const other = value;\n`);
  const args = ["packages", "--config", join(root, ".dependency-cruiser.mjs"), "--output-type", "json"];
  const { stdout } = await run(join(root, "node_modules/.bin/depcruise"), args, { cwd: folder });
  const { summary }: { summary: { violations: { rule: { name: string } }[] } } = JSON.parse(stdout);
  return summary.violations.map(({ rule }) => rule.name);
}

it.each([
  ["a package that imports from a higher layer", "packages/errors/src/a.ts", "packages/core/src/b.ts", "layer-0"],
  [
    "a package that imports from its neighbour",
    "packages/motion/src/a.ts",
    "packages/counters/src/b.ts",
    "motion-imports",
  ],
  [
    "a reader that imports the publisher",
    "packages/data/src/a.ts",
    "packages/publisher/src/b.ts",
    "data-without-writer",
  ],
])("the dependency rules refuse %s", async (_, from, to, rule) => {
  expect(await brokenBy(from, to)).toContainEqual(expect.stringContaining(rule));
});

it("the dependency rules allow an import from a lower layer", async () => {
  expect(await brokenBy("packages/core/src/a.ts", "packages/errors/src/b.ts")).toEqual([]);
});
