/**
 * `npm test`: the set-up, then everything that is checked. Each step is one line with its duration; what a failing step
 * printed is shown. Arguments go to vitest, and then the static checks are left out: `npm test -- packages/core`.
 */
import { availableParallelism } from "node:os";
import { root, run, seconds } from "../setup/project.mjs";
import { setUp } from "./set-up.mjs";
import { conclude, runVitest, sentence } from "./vitest-run.mjs";

/** Scripts of package.json, the longest first. */
const checks = ["publint", "unused", "typecheck", "lint", "deps"];

const start = performance.now();
const selection = process.argv.slice(2);
const counts = { passed: 0, failed: 0, skipped: 0 };

if (await setUp("--python")) {
  const failedChecks = selection.length > 0 ? 0 : await runChecks();
  Object.assign(counts, await runVitest("test", selection));
  counts.failed += failedChecks;
} else {
  counts.failed = 1;
}
await conclude("test", counts);
console.log(`${sentence(counts)} (${seconds(start)})`);

/** Runs the static checks, as many at a time as there are processors, at most two. @returns how many failed */
async function runChecks() {
  const waiting = [...checks];
  let failed = 0;
  const work = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const begin = performance.now();
      const { code, output } = await run("npm", ["run", "--silent", check], { cwd: root });
      if (code !== 0) {
        failed += 1;
        process.stdout.write(`${output.trimEnd()}\n`);
      }
      console.log(`${code === 0 ? "" : "FAILED "}${check} (${seconds(begin)})`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
  return failed;
}
