import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const conditions = ["@beamtime/source", "module", "node", "import", "default"];

/** The Python with h5py and silx that the set-up made; without it the tests that need it are skipped. */
const python = fileURLToPath(new URL(".cache/python/bin/python", import.meta.url));

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      "packages/*/{src,test}/**/*.test.ts",
      "apps/*/{src,test}/**/*.test.ts",
      "tooling/{test,soak}/**/*.test.ts",
    ],
    exclude: ["**/node_modules/**", "**/dist/**"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    env: !process.env["BEAMTIME_PYTHON"] && existsSync(python) ? { BEAMTIME_PYTHON: python } : {},
  },
});
