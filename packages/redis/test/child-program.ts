import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "tsup";

/**
 * Makes a program of this package's sources that node runs in a process of its own. `source` imports from
 * `./server.js` and `./index.js`. Remove the folder in the end: `await using`.
 */
export async function childProgram(source: string): Promise<{ readonly program: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), "beamtime-test-"));
  const entry = (name: string): string => new URL(`../src/${name}.ts`, import.meta.url).pathname;
  await build({
    entry: { server: entry("server"), index: entry("index") },
    outDir: folder,
    format: "esm",
    silent: true,
    config: false,
    noExternal: [/./],
    // ioredis asks for modules of node with require
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    esbuildOptions: (options) => {
      options.conditions = ["@beamtime/source"];
    },
  });
  const program = join(folder, "program.mjs");
  await writeFile(program, source);
  return { program, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}
