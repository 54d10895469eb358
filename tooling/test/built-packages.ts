import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Folder of the project. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Runs a program to its end. @throws with its output when it fails */
export const run = promisify(execFile);

/** Builds what changed since the last build, so that a test of built packages never sees stale ones. */
export async function buildPackages(): Promise<void> {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1" };
  await run(`${root}node_modules/.bin/turbo`, ["run", "build", "--output-logs=errors-only"], { cwd: root, env });
}
