/** `npm run test:peers`: our side against real BLISS and its Python client, in environments made once in the user's cache. */
import { join } from "node:path";
import { inCi, root, run, timed } from "../setup/project.mjs";
import { setUp } from "./set-up.mjs";
import { conclude, runVitest, sentence } from "./vitest-run.mjs";

/** The directory of an environment with the peer, made if need be; undefined, with the reason told, where it cannot be. */
async function environment(peer, name) {
  const made = await timed(`environment of ${name} looked for`, () =>
    run("bash", [join(root, "tooling/peers/setup.sh"), peer]),
  );
  if (made.code === 0) return made.stdout.trim();
  console.log(`${name} could not be installed; its tests ${inCi ? "fail" : "are skipped"}: ${made.output.trim()}`);
  return undefined;
}

let counts = { passed: 0, failed: 1, skipped: 0 };
if (await setUp()) {
  const blissdata = await environment("blissdata", "the real Python client");
  const bliss = await environment("bliss", "real BLISS");
  if ((blissdata && bliss) || !inCi) {
    const env = {
      ...process.env,
      ...(blissdata && { BEAMTIME_BLISSDATA: blissdata }),
      ...(bliss && { BEAMTIME_BLISS: bliss }),
    };
    counts = await runVitest("test-peers", ["--config", "tooling/peers/vitest.config.ts"], env);
  }
}
await conclude("test-peers", counts);
console.log(sentence(counts));
