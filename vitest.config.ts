import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const conditions = ["@beamtime/source", "module", "node", "import", "default"];

/** What the set-up has made: programs that the tests run in other folders find it there. */
const cache = process.env["BEAMTIME_CACHE"] || fileURLToPath(new URL(".cache", import.meta.url));

/** The Python with h5py and silx; without it the tests that need it are skipped. */
const python = process.env["BEAMTIME_PYTHON"] || join(cache, "python/bin/python");

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
    maxWorkers: 3, // of two cores: many tests wait for devices and servers
    testTimeout: 30_000,
    hookTimeout: 60_000,
    env: { BEAMTIME_CACHE: cache, ...(existsSync(python) && { BEAMTIME_PYTHON: python }) },
  },
});
