/**
 * Everything that a fresh clone lacks: npm packages, the build, a Redis server, and with `--python` what reads HDF5 files
 * in the tests. What is there already is left alone, so that it takes a moment the second time and needs no network.
 *
 * usage: node tooling/setup/setup.mjs [--python]
 */
import { build } from "./build.mjs";
import { installNodeModules } from "./node-modules.mjs";
import { inCi } from "./project.mjs";
import { ensurePython } from "./python.mjs";
import { ensureRedisServer } from "./redis-server.mjs";

const [major, minor] = process.versions.node.split(".").map(Number);
try {
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Error(`Beamtime needs Node.js 20.19 or newer, this is ${process.versions.node}`);
  }
  await installNodeModules();
  await Promise.all([ensureRedisServer(), process.argv.includes("--python") && preparePython()]);
  await build();
} catch (error) {
  console.error(`Set-up failed: ${error.message}`);
  process.exitCode = 1;
}

/** Without Python the tests that need it are skipped, and counted as such; where everything must run it is an error. */
async function preparePython() {
  const lacking = await ensurePython();
  if (lacking === undefined) return;
  if (inCi || process.env.BEAMTIME_REQUIRE_PYTHON) throw new Error(`the tests need Python: ${lacking}`);
  console.log(`Tests that read files back with h5py will be skipped: ${lacking}`);
}
