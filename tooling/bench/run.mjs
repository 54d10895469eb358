/**
 * `npm run bench`: each benchmark in a process of its own, on the built packages. Prints one JSON line a figure; always
 * ends with exit code 0, as benchmarks inform and tests decide. Arguments select: `npm run bench -- reading`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { build } from "tsup";
import { cache, root } from "../setup/project.mjs";

const sources = join(root, "tooling/bench");
const programs = join(cache, "bench");
const entry = (await readdir(sources)).filter((name) => /(\.bench|-writer)\.ts$/.test(name));
await build({
  config: false,
  entry: entry.map((name) => join(sources, name)),
  outDir: programs,
  format: "esm",
  target: "node20",
  skipNodeModulesBundle: true,
  clean: true,
  silent: true,
});

const wanted = process.argv.slice(2);
for (const name of entry.filter((name) => name.endsWith(".bench.ts"))) {
  if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) continue;
  const program = join(programs, name.replace(/ts$/, "js"));
  const [code] = await once(
    spawn(process.execPath, ["--expose-gc", "--no-flush-bytecode", program], { cwd: root, stdio: "inherit" }),
    "close",
  );
  if (code !== 0) console.error(`${name} ended with exit code ${code}`);
}
