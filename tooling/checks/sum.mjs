/** Adds up what `npm test` and `npm run test:peers` counted; the one that left no report failed. The last line of `.ci/run`. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { reports, sentence } from "./vitest-run.mjs";

const total = { passed: 0, failed: 0, skipped: 0 };
for (const name of ["test", "test-peers"]) {
  const counts = await readFile(join(reports, `${name}.counts.json`), "utf8").then(JSON.parse, () => ({ failed: 1 }));
  for (const kind of Object.keys(total)) total[kind] += counts[kind] ?? 0;
}
console.log(sentence(total));
if (total.failed > 0) process.exitCode = 1;
