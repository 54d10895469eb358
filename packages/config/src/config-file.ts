import type { Dirent } from "node:fs";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorMessage } from "@beamtime/errors";
import { parse } from "yaml";
import { ConfigError } from "./config-error.js";
import type { ConfigProblem } from "./config-problem.js";

/** A YAML file of the configuration. */
export interface ConfigFile {
  /** Path from the configuration's root, with `/`. */
  readonly path: string;
  readonly content: string;
}

const maxBytes = 4 * 1024 * 1024;
const maxFiles = 10_000;

/**
 * Reads the `.yml` files of a directory in the order a Beacon server gives them, sorted: of each directory `__init__.yml`,
 * the other files by name, then the sub-directories. Links are followed, each directory is read once. A directory whose
 * `__init__.yml` says `bliss_ignored: true` is left out with all below it.
 *
 * @throws ConfigError when the directory cannot be read or holds too many files; files that cannot be read become problems
 */
export async function readConfigFiles(
  directory: string,
): Promise<{ readonly files: ConfigFile[]; readonly problems: ConfigProblem[] }> {
  const files: ConfigFile[] = [];
  const problems: ConfigProblem[] = [];
  const seen = new Set<string>();

  async function readOne(path: string): Promise<ConfigFile | undefined> {
    try {
      const absolute = join(directory, path);
      const { size } = await stat(absolute);
      if (size > maxBytes)
        throw new Error(`it has ${size} bytes, more than the ${maxBytes} a configuration file may have`);
      const content = new TextDecoder("utf-8", { fatal: true }).decode(await readFile(absolute));
      return { path, content };
    } catch (error) {
      problems.push({
        severity: "error",
        kind: "unreadable",
        file: path,
        message: `cannot be read: ${errorMessage(error)}`,
      });
      return undefined;
    }
  }

  async function readDirectory(prefix: string, entries: readonly Dirent[]): Promise<void> {
    const visible = entries.filter(({ name }) => !name.startsWith(".")).map(({ name }) => name);
    const names = visible.sort((a, b) => Number(b === "__init__.yml") - Number(a === "__init__.yml") || compare(a, b));
    const directories: string[] = [];
    for (const name of names) {
      const path = `${prefix}${name}`;
      const info = await stat(join(directory, path)).catch(() => undefined);
      if (info?.isDirectory()) directories.push(path);
      if (!info?.isFile() || !name.endsWith(".yml")) continue;
      const file = await readOne(path);
      if (!file) continue;
      if (name === "__init__.yml" && isIgnored(file.content)) return;
      if (files.length >= maxFiles)
        throw new ConfigError(`${directory} holds more than ${maxFiles} configuration files`);
      files.push(file);
    }
    for (const path of directories) await enter(path);
  }

  async function enter(path: string): Promise<void> {
    const absolute = join(directory, path);
    const real = await realpath(absolute);
    if (seen.has(real)) return;
    seen.add(real);
    await readDirectory(path === "" ? "" : `${path}/`, await readdir(absolute, { withFileTypes: true }));
  }

  try {
    await enter("");
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(
      `the configuration ${directory} cannot be read: ${errorMessage(error)}`,
      {},
      { cause: error },
    );
  }
  return { files, problems };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isIgnored(content: string): boolean {
  if (!content.includes("bliss_ignored")) return false;
  try {
    const init: unknown = parse(content, { version: "1.2", uniqueKeys: false, logLevel: "silent" });
    return typeof init === "object" && init !== null && "bliss_ignored" in init && init.bliss_ignored === true;
  } catch {
    return false;
  }
}
