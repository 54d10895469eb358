import { readdir, realpath, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Clock } from "@beamtime/concurrency";
import { type WalkedFile, walkConfigFiles } from "@beamtime/config";
import { configPath } from "./config-path.js";
import { FileCache } from "./file-cache.js";
import { RequestError } from "./request-error.js";
import { isTemporaryName } from "./temporary-name.js";

/** Names below a directory: a directory is an object of its own, a file null. */
export interface NameTree {
  [name: string]: NameTree | null;
}

/** One file of Python code. */
export interface PythonModule {
  /** With the packages it is in, joined by `.`. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

const maxYamlBytes = 4 * 1024 * 1024;

/** What can be read of a configuration directory. Paths are as clients give them; links are followed. */
export class ConfigDirectory {
  readonly #root: string;
  readonly #maxBytes: number;
  readonly #cache: FileCache;

  /** @param root absolute and normalized */
  constructor(root: string, { maxBytes, clock }: { maxBytes: number; clock: Clock }) {
    this.#root = root;
    this.#maxBytes = maxBytes;
    this.#cache = new FileCache(clock);
  }

  /** @throws RequestError for a path outside; the file system's error otherwise */
  async readFile(path: Uint8Array): Promise<Uint8Array> {
    try {
      return await this.#cache.read(configPath(this.#root, path), this.#maxBytes);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
      throw new RequestError("there is no such file", { cause: error });
    }
  }

  /** The YAML files below a path, in portions; nothing where there is no such directory. */
  async *yamlFiles(base: Uint8Array): AsyncGenerator<readonly WalkedFile[], void> {
    const directory = configPath(this.#root, base);
    const read = (path: string): Promise<Uint8Array> => this.#cache.read(path, maxYamlBytes);
    if (directory !== this.#root && !(await isDirectory(directory))) return;
    yield* walkConfigFiles(this.#root, { base: relative(this.#root, directory), read });
  }

  /** All names below a path but `.git`, and files whose name has a `~`. */
  async names(base: Uint8Array): Promise<NameTree> {
    const directory = configPath(this.#root, base);
    if (!(await isDirectory(directory))) throw new RequestError("there is no such directory");
    return namesBelow(directory, []);
  }

  /** The Python modules and packages below a path, sorted; none where there is no such directory. */
  async *modules(base: Uint8Array): AsyncGenerator<PythonModule, void> {
    yield* modulesBelow(configPath(this.#root, base), "", []);
  }
}

async function namesBelow(directory: string, above: readonly string[]): Promise<NameTree> {
  const tree: NameTree = Object.create(null); // a file may be called __proto__
  const real = await realpath(directory).catch(() => "");
  if (real === "" || above.includes(real)) return tree;
  for (const entry of await entriesOf(directory)) {
    const path = join(directory, entry.name);
    const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && (await isDirectory(path)));
    if (isFolder && entry.name !== ".git") tree[entry.name] = await namesBelow(path, [...above, real]);
    else if (!isFolder && !entry.name.includes("~")) tree[entry.name] = null;
  }
  return tree;
}

async function* modulesBelow(
  directory: string,
  prefix: string,
  above: readonly string[],
): AsyncGenerator<PythonModule, void> {
  const real = await realpath(directory).catch(() => "");
  if (real === "" || above.includes(real)) return;
  for (const { name } of await entriesOf(directory)) {
    const path = join(directory, name);
    const module = /^([^.]+)\.py$/.exec(name)?.[1];
    if (module !== undefined && module !== "__init__") yield { name: prefix + module, path };
    if (name.includes(".") || !(await isFile(join(path, "__init__.py")))) continue;
    yield { name: prefix + name, path: join(path, "__init__.py") };
    yield* modulesBelow(path, `${prefix}${name}.`, [...above, real]);
  }
}

/** By name; none of what has vanished or is no directory. */
async function entriesOf(directory: string): Promise<Awaited<ReturnType<typeof readEntries>>> {
  const entries = await readEntries(directory).catch(() => []);
  return entries.filter(({ name }) => !isTemporaryName(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

const readEntries = (directory: string) => readdir(directory, { withFileTypes: true });

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
