import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { mustRun, root, timed } from "./project.mjs";

/**
 * Installs the npm packages with `npm ci` when those of `package-lock.json` are not what is in `node_modules`: in a fresh
 * clone and after a change of the lock. A folder that fits is left as it is.
 */
export async function installNodeModules() {
  const locked = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")).packages;
  const installed = await readFile(join(root, "node_modules/.package-lock.json"), "utf8").then(
    (text) => JSON.parse(text).packages,
    () => undefined,
  );
  if (installed !== undefined && fits(locked, installed)) return;
  const env = { ...process.env };
  delete env.NODE_ENV; // with "production" npm would leave the tools out
  await timed("npm packages installed", () => mustRun("npm", ["ci", "--no-audit", "--no-fund"], { env }));
}

/** npm notes what it installed; optional packages are those of one platform. */
function fits(locked, installed) {
  return Object.entries(locked).every(
    ([path, { version, optional }]) =>
      !path.startsWith("node_modules/") || optional || (path in installed && installed[path].version === version),
  );
}
