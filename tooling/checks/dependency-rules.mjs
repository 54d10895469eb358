/**
 * `npm run deps`: the layers of ARCHITECTURE.md. dependency-cruiser reports success on nothing when it cannot read
 * TypeScript, hence the count: every package must have been looked at.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { root, run } from "../setup/project.mjs";

const args = ["packages", "apps", "--config", ".dependency-cruiser.mjs", "--output-type"];
const depcruise = join(root, "node_modules/.bin/depcruise");
const { stdout, output } = await run(depcruise, [...args, "json"]);
const { modules, summary } = parse(stdout, output);
const folders = (
  await Promise.all(
    ["packages", "apps"].map(async (kind) => (await readdir(join(root, kind))).map((name) => `${kind}/${name}`)),
  )
).flat();
const unread = folders.filter((folder) => !modules.some(({ source }) => source.startsWith(`${folder}/src/`)));

for (const { rule, from, to } of summary.violations) console.error(`${rule.severity} ${rule.name}: ${from} → ${to}`);
for (const folder of unread) console.error(`error: no module of ${folder} was read`);
console.log(`${modules.length} modules, ${summary.violations.length} violations`);
if (summary.error > 0 || unread.length > 0) process.exitCode = 1;

function parse(json, all) {
  try {
    return JSON.parse(json);
  } catch {
    throw new Error(`depcruise gave no result:\n${all}`);
  }
}
