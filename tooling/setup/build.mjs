import { join } from "node:path";
import { mustRun, root, timed } from "./project.mjs";

/** The environment for turbo: it works without a network and writes nothing into the user's home. */
export const turboEnv = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };

/** Builds every package whose sources changed. */
export async function build() {
  await timed("packages built", () =>
    mustRun(join(root, "node_modules/.bin/turbo"), ["run", "build", "--output-logs=errors-only"], { env: turboEnv }),
  );
}
