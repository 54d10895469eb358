import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { cache, root, run, seconds } from "../setup/project.mjs";

/** Where each command leaves its counts, `{ passed, failed, skipped }`, for `.ci/run` to add up. */
export const reports = join(cache, "reports");

/**
 * Runs vitest, says in one line how it went, and shows what it printed when a test failed. Each skipped test is named.
 *
 * @param name of the run, under which its report is kept
 * @param args further arguments for vitest
 * @param env environment of the tests
 */
export async function runVitest(name, args, env = process.env) {
  const report = join(reports, `${name}.vitest.json`);
  await mkdir(reports, { recursive: true });
  await rm(report, { force: true });
  const start = performance.now();
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const { code, output } = await run(join(root, "node_modules/.bin/vitest"), ["run", ...reporters, ...args], {
    env: { ...env, NO_COLOR: "1" },
  });
  const tests = await readFile(report, "utf8").then(
    (text) => JSON.parse(text).testResults.flatMap(testsOf),
    () => [],
  );
  const count = (status) => tests.filter((test) => test.status === status).length;
  const counts = { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
  // A crash, or an error outside of any test, is a failure too.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  if (code === 0 && counts.passed === 0) counts.failed = 1;
  if (counts.failed > 0) process.stdout.write(output);
  for (const test of tests) if (test.status === "skipped") console.log(`  skipped: ${test.name}`);
  console.log(`${counts.failed > 0 ? "FAILED " : ""}${name}: ${sentence(counts)} (${seconds(start)})`);
  return counts;
}

/** The tests of a file; a file that failed outside of its tests, when it was loaded or in a hook, counts as one more. */
function testsOf(file) {
  const name = relative(root, file.name);
  const tests = file.assertionResults.map((test) => ({
    name: `${name} > ${test.fullName}`,
    status: test.status === "passed" || test.status === "failed" ? test.status : "skipped",
  }));
  const failsAlone = file.status === "failed" && tests.every((test) => test.status !== "failed");
  return failsAlone ? [...tests, { name, status: "failed" }] : tests;
}

export function sentence({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** Keeps the counts of a command and sets the exit code. */
export async function conclude(name, counts) {
  await mkdir(reports, { recursive: true });
  await writeFile(join(reports, `${name}.counts.json`), JSON.stringify(counts));
  if (counts.failed > 0) process.exitCode = 1;
}
