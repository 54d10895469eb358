import { lstat, mkdir, open, realpath, rename, rm, rmdir, stat } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { configPath, isBelow } from "./config-path.js";
import { RequestError } from "./request-error.js";
import { temporaryName } from "./temporary-name.js";

/**
 * Changes a configuration directory, one change at a time. What it changes appears or vanishes at once, so that readers
 * see all of a file or tree, before or after; the temporary names it needs are hidden and have a `~`, which every
 * listing of the server leaves out.
 *
 * Nothing is written, moved or removed through a link that leads out of the root: what is there belongs to others, and
 * whoever reaches the port could change it. A link that stays inside is written through, and stays a link.
 */
export class ConfigEditor {
  readonly #root: string;
  #last: Promise<unknown> = Promise.resolve();

  /** @param root absolute and normalized */
  constructor(root: string) {
    this.#root = root;
  }

  /** Writes a whole file with the directories above it; one that is there keeps its mode and owner. */
  write(path: Uint8Array, content: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      const target = await this.#writable(this.#notRoot(configPath(this.#root, path)), { through: true });
      const old = await stat(target).catch(() => undefined);
      if (old && !old.isFile()) throw new RequestError("it is there and not a file");
      try {
        await mkdir(dirname(target), { recursive: true });
        await replace(target, content, old);
      } catch (error) {
        await this.#prune(target);
        throw error;
      }
    });
  }

  /** Removes a file, a link or a directory tree, and the directories that are empty then; nothing there is fine. */
  remove(path: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      const target = await this.#writable(this.#notRoot(configPath(this.#root, path)));
      const info = await lstat(target).catch(() => undefined);
      if (info?.isDirectory()) {
        const hidden = join(dirname(target), temporaryName());
        await rename(target, hidden);
        await rm(hidden, { recursive: true, force: true });
      } else if (info) {
        await rm(target);
      }
      await this.#prune(target);
    });
  }

  /** Moves or renames; makes the directories above the new place, and removes those that are empty then at the old. */
  move(from: Uint8Array, to: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      const source = await this.#writable(this.#notRoot(configPath(this.#root, from)));
      const target = await this.#writable(this.#notRoot(configPath(this.#root, to)));
      if (!(await lstat(source).catch(() => undefined))) throw new RequestError("there is nothing to move");
      if (source === target) return;
      if (isBelow(source, target)) throw new RequestError("it cannot be moved into itself");
      const there = await lstat(target).catch(() => undefined);
      if (there?.isDirectory()) throw new RequestError("there is a directory of the new name");
      try {
        await mkdir(dirname(target), { recursive: true });
        await rename(source, target);
      } catch (error) {
        await this.#prune(target);
        throw error;
      }
      await this.#prune(source);
    });
  }

  /** Resolves when no change is under way. */
  async idle(): Promise<void> {
    await this.#last;
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#last.then(change);
    this.#last = result.catch(() => {}); // told to whoever asked
    return result;
  }

  #notRoot(path: string): string {
    if (path === this.#root) throw new RequestError("it is the root of the configuration");
    return path;
  }

  /**
   * Where a path really is, links of the directories above resolved; with `through` its own link too.
   *
   * @throws RequestError when that is outside of the root
   */
  async #writable(path: string, { through = false } = {}): Promise<string> {
    const root = await realpath(this.#root);
    const real =
      (through ? await realpath(path).catch(() => undefined) : undefined) ??
      join(await realOfExisting(dirname(path)), basename(path));
    if (!isBelow(root, real)) {
      throw new RequestError(`${relative(this.#root, path)} is behind a link that leaves the configuration`);
    }
    return real;
  }

  /** Removes the empty directories above a path. */
  async #prune(path: string): Promise<void> {
    const root = await realpath(this.#root);
    for (
      let directory = dirname(path);
      directory !== root && isBelow(root, directory);
      directory = dirname(directory)
    ) {
      try {
        await rmdir(directory);
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) return; // not empty, mostly
      }
    }
  }
}

/** The real path of a directory that may not be there yet: of what is there, with the rest. */
async function realOfExisting(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT") || dirname(path) === path) throw error;
    return join(await realOfExisting(dirname(path)), basename(path));
  }
}

interface Owned {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Writes beside the file, then puts it in its place. */
async function replace(target: string, content: Uint8Array, old: Owned | undefined): Promise<void> {
  const temporary = join(dirname(target), temporaryName());
  try {
    const file = await open(temporary, "wx", 0o666);
    try {
      await file.writeFile(content);
      if (old) {
        await file.chown(old.uid, old.gid).catch(() => {}); // only root may give a file away
        await file.chmod(old.mode & 0o7777);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
