import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import ts from "typescript";
import { beforeAll, describe, expect, it } from "vitest";
import { buildPackages, root, run } from "./built-packages.js";

/** Inside the project, so that the examples find the packages by name; those they find are the built ones. */
const folder = join(root, ".cache/readme");

const packages = (
  await Promise.all(
    ["packages", "apps"].map(async (kind) => (await readdir(join(root, kind))).map((name) => `${kind}/${name}`)),
  )
).flat();
const readmes = ["README.md", ...packages.map((path) => `${path}/README.md`)];

const fileOf = (readme: string): string =>
  join(folder, `${readme.replace("/README.md", "").replaceAll(/\W/g, "-")}.ts`);

/** The first block of TypeScript of a README. */
async function exampleOf(readme: string): Promise<string | undefined> {
  const text = await readFile(join(root, readme), "utf8").catch(() => "");
  return /^```ts\n(.*?)^```$/ms.exec(text)?.[1];
}

describe("the example that opens a README", () => {
  beforeAll(async () => {
    await buildPackages();
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    for (const readme of readmes) await writeFile(fileOf(readme), (await exampleOf(readme)) ?? "");
  }, 300_000);

  it.each(readmes)(
    "runs by itself: %s",
    async (readme) => {
      const example = await exampleOf(readme);
      expect(example, `${readme} has no example in TypeScript`).toBeDefined();
      const script = fileOf(readme).replace(/ts$/, "mjs");
      const { outputText } = ts.transpileModule(example ?? "", {
        compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
      });
      await writeFile(script, outputText);
      await run(process.execPath, [script], { cwd: folder, timeout: 30_000 });
    },
    35_000,
  );

  it("has the right types", async () => {
    const options = { extends: "../../tsconfig.json", compilerOptions: { customConditions: [] }, include: ["*.ts"] };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(options));
    const { stdout } = await run(join(root, "node_modules/.bin/tsc"), ["-p", folder]).catch((error) => error);
    expect(stdout).toBe("");
  });
});
