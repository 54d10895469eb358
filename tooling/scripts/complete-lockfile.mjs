/**
 * Adds to package-lock.json the per-platform binaries that npm left out while writing it.
 *
 * npm omits an optional dependency that it did not fetch for the platform it runs on, and `npm ci` of npm 11.6 and later then refuses
 * the lock. The missing entries follow from what the lock itself says: the exact version in `optionalDependencies` of their user,
 * and the platform in their name. Run it after every change of dependencies: `node tooling/scripts/complete-lockfile.mjs`.
 */
import { readFileSync, writeFileSync } from "node:fs";

const systems = { windows: "win32" };
const systemNames = /(?:^|-)(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32|windows)-/;
const processors = { 64: "x64", "arm-eabi": "arm", "arm-gnueabihf": "arm", "arm-musleabihf": "arm" };

/**
 * The platform that a package name such as `@rollup/rollup-linux-x64-musl` stands for, as npm writes it in a lock;
 * `undefined` when the name tells none.
 */
function platformOf(name) {
  const last = name.slice(name.indexOf("/") + 1);
  const system = systemNames.exec(last);
  if (!system) return undefined;
  const rest = last.slice(system.index + system[0].length);
  const [, processor, variant] = /^(.+?)(?:-(gnu|musl|msvc))?$/.exec(rest) ?? [];
  return {
    cpu: [processors[processor] ?? processor],
    ...(variant === "musl" ? { libc: ["musl"] } : variant === "gnu" ? { libc: ["glibc"] } : {}),
    os: [systems[system[1]] ?? system[1]],
  };
}

/** Whether `name`, required from the package at `path`, is found in the lock by Node's look-up through the folders above. */
function isLocked(packages, path, name) {
  for (let folder = path; ; ) {
    if (`${folder ? `${folder}/` : ""}node_modules/${name}` in packages) return true;
    if (folder === "") return false;
    const parent = folder.lastIndexOf("/node_modules/");
    folder = parent >= 0 ? folder.slice(0, parent) : "";
  }
}

const file = new URL("../../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));
const missing = Object.entries(lock.packages).flatMap(([path, entry]) =>
  Object.entries(entry.optionalDependencies ?? {})
    .filter(([name]) => !isLocked(lock.packages, path, name))
    .map(([name, version]) => ({ path, name, version, dev: entry.dev })),
);

for (const { path, name, version, dev } of missing) {
  const platform = platformOf(name);
  if (!platform || !/^\d+\.\d+\.\d+/.test(version)) {
    throw new Error(
      `${path} needs ${name}@${version}: neither is its platform in its name nor its version exact, add it by hand`,
    );
  }
  lock.packages[`node_modules/${name}`] = { version, ...platform, ...(dev ? { dev } : {}), optional: true };
}

const [root, ...others] = Object.entries(lock.packages);
others.sort(([a], [b]) => a.localeCompare(b, "en"));
lock.packages = Object.fromEntries([root, ...others]);
if (missing.length > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${missing.length} platform entries added to package-lock.json`);
