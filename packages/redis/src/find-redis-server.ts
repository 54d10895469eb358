import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { errorMessage } from "@beamtime/errors";
import { RedisError } from "./redis-error.js";

/** An executable that serves Redis. */
export interface RedisServerProgram {
  readonly executable: string;
  /** Environment it needs: that of this process, with the path of its libraries where they are its own. */
  readonly env: NodeJS.ProcessEnv;
  /** `7.0.15` */
  readonly version: string;
}

const oldest = "6.2";
const run = promisify(execFile);

/**
 * Finds a Redis or Valkey server of version 6.2 or newer: the executable that `REDIS_SERVER` names; else `redis-server`
 * or `valkey-server` on PATH; else the one that the project's set-up unpacked in its cache folder (`BEAMTIME_CACHE`, or
 * `.cache` in the current folder or one above).
 *
 * @throws RedisError when there is none, or when the one in `REDIS_SERVER` cannot be used
 */
export async function findRedisServer(): Promise<RedisServerProgram> {
  const named = process.env["REDIS_SERVER"];
  if (named) return inspect(named, process.env);
  const refused: string[] = [];
  for (const { executable, env } of [...(await onPath()), ...(await inCache())]) {
    try {
      return await inspect(executable, env);
    } catch (error) {
      refused.push(errorMessage(error));
    }
  }
  const seen = refused.length > 0 ? ` (${refused.join("; ")})` : "";
  throw new RedisError(
    `no Redis server ${oldest} or newer found${seen}: install the package redis-server or valkey, or name an executable in the environment variable REDIS_SERVER`,
  );
}

type Candidate = Omit<RedisServerProgram, "version">;

async function inspect(executable: string, env: NodeJS.ProcessEnv): Promise<RedisServerProgram> {
  let output: string;
  try {
    output = (await run(executable, ["--version"], { env, timeout: 10_000 })).stdout;
  } catch (cause) {
    throw new RedisError(`${executable} does not run: ${errorMessage(cause).trim()}`, { cause });
  }
  const version = /v=(\d+\.\d+[\d.]*)/.exec(output)?.[1];
  if (!version) throw new RedisError(`${executable} is no Redis server: it calls itself '${output.trim()}'`);
  if (!atLeast(version, oldest))
    throw new RedisError(`${executable} is Redis ${version}; ${oldest} or newer is needed`);
  return { executable, env, version };
}

function atLeast(version: string, minimum: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor = 0, leastMinor = 0] = minimum.split(".").map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

async function onPath(): Promise<Candidate[]> {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  const found: Candidate[] = [];
  for (const name of ["redis-server", "valkey-server"]) {
    for (const folder of folders) {
      const executable = join(folder, name);
      const usable = await access(executable, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (usable) found.push({ executable, env: process.env });
    }
  }
  return found;
}

/** The set-up writes `redis/redis-server.json` beside what it unpacks: `{ executable, libraryPath }`. */
async function inCache(): Promise<Candidate[]> {
  const caches = process.env["BEAMTIME_CACHE"] ? [process.env["BEAMTIME_CACHE"]] : cachesAbove(process.cwd());
  for (const cache of caches) {
    const text = await readFile(join(cache, "redis", "redis-server.json"), "utf8").catch(() => undefined);
    if (text === undefined) continue;
    const note: unknown = JSON.parse(text);
    if (!isNote(note)) throw new RedisError(`${cache}/redis/redis-server.json names no executable: remove the folder`);
    const env = note.libraryPath ? { ...process.env, LD_LIBRARY_PATH: note.libraryPath } : process.env;
    return [{ executable: note.executable, env }];
  }
  return [];
}

function cachesAbove(folder: string): string[] {
  const above = dirname(folder);
  return [join(folder, ".cache"), ...(above === folder ? [] : cachesAbove(above))];
}

function isNote(value: unknown): value is { executable: string; libraryPath?: string } {
  return typeof value === "object" && value !== null && "executable" in value && typeof value.executable === "string";
}
