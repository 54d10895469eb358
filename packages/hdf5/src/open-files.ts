import { closeSync, fsyncSync, mkdirSync, openSync, realpathSync, statfsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { systemClock } from "@beamtime/concurrency";
import { errorMessage } from "@beamtime/errors";
import { type LockOwner, lockFile, unlockFile } from "./file-lock.js";
import { H5File } from "./h5-file.js";
import { type Hdf5Library, hdf5Version } from "./hdf5-library.js";
import { isoTime } from "./iso-time.js";
import { mendEnd } from "./mend-end.js";
import { WriterError } from "./writer-error.js";

/** A file that is open for one scan or more. */
export interface OpenFile {
  readonly h5: H5File;
  /** Whether there is something that was not flushed. */
  isDirty: boolean;
  /**
   * Last flush, in seconds since 1970, of a process that died while it wrote the file, whose scans may still be without
   * an end; undefined when there is none, and set to it when they were completed.
   */
  leftAt: number | undefined;
}

export interface OpenFilesSettings extends LockOwner {
  /** Room that the disk is to have. */
  readonly minFreeBytes: number;
}

/** The files being written: each is open once, for all the scans that go into it, and locked meanwhile. */
export class OpenFiles {
  readonly #library: Hdf5Library;
  readonly #settings: OpenFilesSettings;
  readonly #onLock: (filename: string, isTaken: boolean) => void;
  readonly #files = new Map<string, OpenFile & { readonly path: string; users: number }>();

  /** @param onLock told when the lock of a file is taken, and given back */
  constructor(
    library: Hdf5Library,
    settings: OpenFilesSettings,
    onLock: (filename: string, isTaken: boolean) => void = () => {},
  ) {
    this.#library = library;
    this.#settings = settings;
    this.#onLock = onLock;
  }

  /**
   * Opens a file, or creates it with its directory. Each use is to be released.
   *
   * @throws WriterError when that cannot be done, or another process writes the file
   */
  use(filename: string): OpenFile {
    const path = this.#realPath(filename);
    let file = this.#files.get(path);
    if (!file) {
      const isTakenOver = lockFile(path, this.#settings);
      this.#onLock(path, true);
      try {
        const found = statSync(path, { throwIfNoEntry: false });
        const leftAt = isTakenOver && found ? found.mtimeMs / 1000 : undefined;
        file = { h5: this.#open(path, found?.size ?? 0), path, users: 0, isDirty: false, leftAt };
      } catch (error) {
        this.#unlock(path);
        throw error;
      }
      this.#files.set(path, file);
    }
    file.users++;
    return file;
  }

  /** @throws WriterError when there is too little room on the disk to go on */
  checkSpace({ h5 }: OpenFile): void {
    const { bavail, blocks, bsize } = statfsSync(dirname(h5.filename));
    const free = bavail * bsize;
    // a file system without blocks does not tell
    if (blocks === 0 || free >= this.#settings.minFreeBytes) return;
    const [left, wanted] = [free, this.#settings.minFreeBytes].map((bytes) => `${Math.floor(bytes / 2 ** 20)} MiB`);
    throw new WriterError(h5.filename, `the disk is full: ${left} are left, ${wanted} are to stay free. Make room`);
  }

  /** Ends a use; the last one closes the file. */
  release({ h5 }: OpenFile): void {
    const file = this.#files.get(h5.filename);
    if (!file || --file.users > 0) return;
    this.#files.delete(file.path);
    try {
      try {
        h5.flush();
      } finally {
        h5.close();
      }
    } finally {
      if (h5.isBroken) mendEnd(file.path);
      this.#unlock(file.path);
    }
  }

  /** Flushes the files that need it; `failed` hears of those that cannot be. */
  flush(failed: (file: OpenFile, error: unknown) => void): void {
    for (const file of [...this.#files.values()]) {
      if (!file.isDirty) continue;
      try {
        file.h5.flush();
        file.isDirty = false;
      } catch (error) {
        failed(file, error);
      }
    }
  }

  #unlock(path: string): void {
    unlockFile(path);
    this.#onLock(path, false);
  }

  #realPath(filename: string): string {
    try {
      mkdirSync(dirname(filename), { recursive: true });
      return join(realpathSync(dirname(filename)), basename(filename));
    } catch (error) {
      throw new WriterError(filename, `cannot make the directory: ${errorMessage(error)}`, { cause: error });
    }
  }

  #open(path: string, size: number): H5File {
    // an empty file is what a writer leaves that was killed before its first flush
    if (size > 0) return new H5File(this.#library, path, "append");
    const h5 = new H5File(this.#library, path, "create");
    h5.attribute("/", "NX_class", "NXroot");
    h5.attribute("/", "file_time", isoTime(systemClock.epoch()));
    h5.attribute("/", "file_name", path);
    h5.attribute("/", "HDF5_Version", hdf5Version);
    h5.attribute("/", "creator", "Beamtime");
    h5.attribute("/", "creator_version", writerVersion());
    h5.flush();
    return h5;
  }
}

/** Makes the disk keep what was flushed, also through a power failure. */
export function syncFile(filename: string): void {
  try {
    const descriptor = openSync(filename, "r");
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw new WriterError(filename, `cannot be kept on the disk: ${errorMessage(error)}`, { cause: error });
  }
}

function writerVersion(): string {
  // our own package.json always has a version
  const manifest = createRequire(import.meta.url)("@beamtime/hdf5/package.json") as { version: string };
  return manifest.version;
}
