import { defineConfig } from "vitest/config";
import base from "../../vitest.config.js";

/** Tests against the real peers: `npm run test:peers`. */
export default defineConfig({
  ...base,
  test: { ...base.test, include: ["tooling/peers/*.peer.test.ts"], maxWorkers: 2, testTimeout: 120_000 },
});
