/** Where the project and its cache are, and how the set-up starts other programs. It runs before `npm ci`: Node alone. */
import { spawn } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of the project, without a slash at the end. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[/\\]$/, "");

/** What the set-up makes for the project alone; nothing outside of it is changed. */
export const cache = process.env.BEAMTIME_CACHE || join(root, ".cache");

/** Continuous integration, where nothing may be skipped. */
export const inCi = Boolean(process.env.CI) && process.env.CI !== "false";

/**
 * Runs a program to its end and collects what it prints.
 *
 * @returns its exit code (1 when it could not start or was killed), its standard output, and both outputs as they came
 */
export function run(command, args, { cwd = root, env = process.env } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
    child.on("error", (error) => resolve({ code: 1, stdout, output: `${output}${error.message}\n` }));
    child.on("close", (code) => resolve({ code: code ?? 1, stdout, output }));
  });
}

/** As `run`, for what must succeed. @throws Error with the command and the end of its output */
export async function mustRun(command, args, options) {
  const result = await run(command, args, options);
  if (result.code === 0) return result;
  const last = result.output.trim().split("\n").slice(-25).join("\n");
  throw new Error(`${[command, ...args].join(" ")} ended with exit code ${result.code}\n${last}`);
}

/** The executables of that name on PATH, in its order. */
export async function onPath(name) {
  const files = (process.env.PATH ?? "")
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, name));
  const usable = await Promise.all(files.map((file) => exists(file, constants.X_OK)));
  return files.filter((_, index) => usable[index]);
}

export function exists(path, mode = constants.F_OK) {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}

/** Does a piece of work, then says in one line what was done and how long it took. */
export async function timed(what, work) {
  const start = performance.now();
  const result = await work();
  console.log(`${what} (${seconds(start)})`);
  return result;
}

export function seconds(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}
