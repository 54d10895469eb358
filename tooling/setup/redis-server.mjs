import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { unpackDebianPackages } from "./debian-packages.mjs";
import { cache, exists, onPath, run, timed } from "./project.mjs";

const oldest = [6, 2];
const programs = ["redis-server", "valkey-server"];
const folder = join(cache, "redis");
/** Read by `findRedisServer` of `@beamtime/redis`. */
const note = join(folder, "redis-server.json");

/**
 * Sees to a Redis or Valkey server of version 6.2 or newer: the one that `REDIS_SERVER` names; else one on PATH; else the one
 * unpacked before; else that of Homebrew or of the Debian packages, which are unpacked into the project's cache folder.
 *
 * @throws Error with one sentence that says what to do
 */
export async function ensureRedisServer() {
  const named = process.env.REDIS_SERVER;
  if (named) {
    if (await isUsable({ executable: named })) return;
    throw new Error(`REDIS_SERVER=${named} is no Redis or Valkey server of version ${oldest.join(".")} or newer`);
  }
  for (const executable of (await Promise.all(programs.map(onPath))).flat()) {
    if (await isUsable({ executable })) return;
  }
  if (await isUsable(await noted())) return;
  const found = await timed("Redis server looked for in the distribution's packages", async () => {
    return (await fromHomebrew()) ?? (await fromDebian());
  });
  if (found === undefined) {
    throw new Error(
      `No Redis server ${oldest.join(".")} or newer: install your distribution's package redis-server or valkey-server ` +
        "(macOS: brew install redis), or set REDIS_SERVER to the path of an executable",
    );
  }
  await mkdir(folder, { recursive: true });
  await writeFile(note, `${JSON.stringify(found, null, 2)}\n`);
}

async function noted() {
  return readFile(note, "utf8").then(JSON.parse, () => undefined);
}

async function isUsable(server) {
  if (server === undefined || !(await exists(server.executable))) return false;
  const env = server.libraryPath ? { ...process.env, LD_LIBRARY_PATH: server.libraryPath } : process.env;
  const { code, stdout } = await run(server.executable, ["--version"], { env });
  const version = /v=(\d+)\.(\d+)/.exec(stdout)?.slice(1).map(Number);
  if (code !== 0 || version === undefined) return false;
  return version[0] > oldest[0] || (version[0] === oldest[0] && version[1] >= oldest[1]);
}

/** A formula that is installed and not linked into PATH. */
async function fromHomebrew() {
  if ((await onPath("brew")).length === 0) return undefined;
  for (const formula of ["redis", "valkey"]) {
    const { code, stdout } = await run("brew", ["--prefix", formula]);
    const server = { executable: join(stdout.trim(), "bin", `${formula}-server`) };
    if (code === 0 && (await isUsable(server))) return server;
  }
  return undefined;
}

async function fromDebian() {
  for (const name of ["redis", "valkey"]) {
    const packages = [`${name}-server`, `${name}-tools`];
    const server = await unpackDebianPackages(packages, `usr/bin/${name}-server`, join(folder, name));
    if (await isUsable(server)) return server;
  }
  return undefined;
}
