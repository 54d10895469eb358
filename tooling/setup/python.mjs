import { copyFile, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cache, exists, mustRun, onPath, run, timed } from "./project.mjs";

const folder = join(cache, "python");
const executable = join(folder, "bin/python");
const requirements = fileURLToPath(new URL("requirements.txt", import.meta.url));
const ready = join(folder, "requirements.txt");

/**
 * Sees to a Python with h5py and silx, by which the tests read files back: the one that `BEAMTIME_PYTHON` names, else a
 * virtual environment in the cache folder, made once. The tests find it there (`vitest.config.ts`).
 *
 * @returns why there is none, undefined when there is one
 */
export async function ensurePython() {
  const named = process.env.BEAMTIME_PYTHON;
  if (named) {
    const { code } = await run(named, ["-c", "import h5py, silx"]);
    return code === 0 ? undefined : `BEAMTIME_PYTHON=${named} does not import h5py and silx`;
  }
  if ((await exists(ready)) && (await readFile(ready, "utf8")) === (await readFile(requirements, "utf8")))
    return undefined;
  const python = await findPython();
  if (python === undefined) return "no Python 3.9 or newer with the module venv is on PATH";
  try {
    await timed("Python packages that read HDF5 installed", async () => {
      await rm(folder, { recursive: true, force: true });
      await mustRun(python, ["-m", "venv", folder]);
      await mustRun(executable, [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--only-binary=:all:",
        "--no-binary=motorlib",
        "-r",
        requirements,
      ]);
      await mustRun(executable, ["-c", "import h5py, silx"]);
      await copyFile(requirements, ready);
    });
    return undefined;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    return error.message.trim().split("\n").at(-1); // what pip says last
  }
}

async function findPython() {
  const probe = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 9))";
  for (const python of (await Promise.all(["python3", "python"].map(onPath))).flat()) {
    if ((await run(python, ["-c", probe])).code === 0) return python;
  }
  return undefined;
}
