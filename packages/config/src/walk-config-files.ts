import { isUtf8 } from "node:buffer";
import type { Dirent } from "node:fs";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorMessage } from "@beamtime/errors";
import { parse } from "yaml";

/** A YAML file of a configuration directory: its bytes, which are UTF-8, or why it cannot be used. */
export type WalkedFile =
  | { readonly path: string; readonly content: Uint8Array; readonly problem?: undefined }
  | { readonly path: string; readonly content?: undefined; readonly problem: string };

export interface WalkOptions {
  /** Where to begin, relative to the root; the paths stay relative to the root. Default: the root. */
  readonly base?: string | undefined;
  /** Reads a file that has this absolute path. Default: any up to 4 MiB. */
  readonly read?: ((path: string) => Promise<Uint8Array>) | undefined;
}

const maxBytes = 4 * 1024 * 1024;
/** So many files are read at once: enough to keep a file system busy, and little memory. */
const batch = 64;

/**
 * Walks through the `.yml` files of a configuration in the order a Beacon server gives them, sorted: of each directory
 * `__init__.yml`, the other files by name, then the sub-directories. Links are followed, each directory is read once.
 * Names that begin with a dot are left out, and directories whose `__init__.yml` says `bliss_ignored: true`, with all
 * below them. What vanishes on the way is left out too.
 *
 * @returns the files in portions
 * @throws the file system's error when the base cannot be read
 */
export async function* walkConfigFiles(
  root: string,
  { base = "", read = readWhole }: WalkOptions = {},
): AsyncGenerator<readonly WalkedFile[], void> {
  const seen = new Set<string>();
  const pending = [base.replace(/^\/+|\/+$/g, "")];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const isBase = seen.size === 0;
    try {
      const real = await realpath(join(root, path));
      if (seen.has(real)) continue;
      seen.add(real);
    } catch (error) {
      if (isBase) throw error;
      continue;
    }
    const { init, files, directories } = await entriesOf(root, path, isBase);
    const readOne = (name: string): Promise<WalkedFile | undefined> => readFileOf(root, name, read);
    const node = init && (await readOne(init));
    if (node) {
      if (node.problem === undefined && isIgnored(node.content)) continue;
      yield [node];
    }
    for (let first = 0; first < files.length; first += batch) {
      const found = await Promise.all(files.slice(first, first + batch).map(readOne));
      yield found.filter((file) => file !== undefined);
    }
    pending.push(...directories.reverse());
  }
}

interface Entries {
  readonly init: string | undefined;
  readonly files: string[];
  readonly directories: string[];
}

/** The entries of a directory that count, by their paths from the root. */
async function entriesOf(root: string, path: string, isBase: boolean): Promise<Entries> {
  let init: string | undefined;
  const files: string[] = [];
  const directories: string[] = [];
  const prefix = path === "" ? "" : `${path}/`;
  let entries: Dirent[];
  try {
    entries = await readdir(join(root, path), { withFileTypes: true });
  } catch (error) {
    if (isBase) throw error;
    entries = [];
  }
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    const name = prefix + entry.name;
    const kind = entry.isFile() || entry.isDirectory() ? entry : await stat(join(root, name)).catch(() => undefined);
    if (kind?.isDirectory()) directories.push(name);
    else if (!kind?.isFile()) continue;
    else if (entry.name === "__init__.yml") init = name;
    else if (name.endsWith(".yml")) files.push(name);
  }
  return { init, files: files.sort(), directories: directories.sort() };
}

async function readFileOf(
  root: string,
  path: string,
  read: (path: string) => Promise<Uint8Array>,
): Promise<WalkedFile | undefined> {
  try {
    const content = await read(join(root, path));
    return isUtf8(content) ? { path, content } : { path, problem: "it is not UTF-8" };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    return { path, problem: errorMessage(error) };
  }
}

async function readWhole(path: string): Promise<Uint8Array> {
  const { size } = await stat(path);
  if (size > maxBytes) throw new Error(`it has ${size} bytes, more than the ${maxBytes} a configuration file may have`);
  return readFile(path);
}

/** Only a mapping whose top level says so: the text alone may stand in a comment. */
function isIgnored(content: Uint8Array): boolean {
  const text = new TextDecoder().decode(content);
  if (!text.includes("bliss_ignored")) return false;
  try {
    const init: unknown = parse(text, { version: "1.2", uniqueKeys: false, logLevel: "error" });
    return typeof init === "object" && init !== null && "bliss_ignored" in init && init.bliss_ignored === true;
  } catch {
    return false;
  }
}
