/** `npm run test:soak -- [scans] [seed]`: random scans with faults by the hundred. `npm test` runs the first few of them. */
import { setUp } from "./set-up.mjs";
import { conclude, runVitest } from "./vitest-run.mjs";

const [scans = "500", seed = String(Date.now() % 1e6)] = process.argv.slice(2);
const env = { ...process.env, SOAK_SCANS: scans, SOAK_SEED: seed };
console.log(`${scans} scans, seed ${seed}`);
const counts = (await setUp())
  ? await runVitest("test-soak", ["tooling/soak"], env)
  : { passed: 0, failed: 1, skipped: 0 };
await conclude("test-soak", counts);
