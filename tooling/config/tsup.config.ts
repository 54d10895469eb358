import { readFileSync } from "node:fs";
import { defineConfig } from "tsup";

/** Every package builds `src/index.ts`; further programs and workers are named in its `"beamtime": { "entries": [...] }`. */
const manifest = JSON.parse(readFileSync("package.json", "utf8")) as { beamtime?: { entries?: string[] } };

export default defineConfig({
  entry: ["src/index.ts", ...(manifest.beamtime?.entries ?? [])],
  format: "esm",
  target: "node20",
  platform: "node",
  sourcemap: true,
  clean: true,
  dts: false,
  splitting: true,
  silent: true,
});
