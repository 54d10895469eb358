/** `npm run test:peers`: our side against the real Python client, in a virtual environment made once in the user's cache. */
import { join } from "node:path";
import { inCi, root, run, timed } from "../setup/project.mjs";
import { setUp } from "./set-up.mjs";
import { conclude, runVitest, sentence } from "./vitest-run.mjs";

let counts = { passed: 0, failed: 1, skipped: 0 };
if (await setUp()) {
  const made = await timed("environment of the real Python client looked for", () =>
    run("bash", [join(root, "tooling/peers/setup.sh"), "blissdata"]),
  );
  if (made.code === 0) {
    const env = { ...process.env, BEAMTIME_BLISSDATA: made.stdout.trim() };
    counts = await runVitest("test-peers", ["--config", "tooling/peers/vitest.config.ts"], env);
  } else if (inCi) {
    console.error(`The real Python client could not be installed:\n${made.output.trim()}`);
  } else {
    console.log(`Tests against the real Python client are skipped: ${made.output.trim()}`);
    counts = await runVitest("test-peers", ["--config", "tooling/peers/vitest.config.ts", "--passWithNoTests"]);
  }
}
await conclude("test-peers", counts);
console.log(sentence(counts));
