import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { errorMessage } from "@beamtime/errors";
import { z } from "zod";
import { WriterError } from "./writer-error.js";

const lockOwnerSchema = z.object({
  pid: z.number().int(),
  host: z.string(),
  /** Start of the process, in ms since 1970: the operating system gives the same pid again after a while. */
  started: z.number(),
});

/** The process that writes a file. */
export type LockOwner = z.infer<typeof lockOwnerSchema>;

/** This process, as its locks have it. Not for worker threads, whose time begins later. */
export function thisProcess(): LockOwner {
  return { pid: process.pid, host: hostname(), started: Math.round(performance.timeOrigin) };
}

/** Where the lock of a file is kept. */
export function lockPath(filename: string): string {
  return `${filename}.lock`;
}

/**
 * Takes the right to write a file, by a file beside it that names the process: h5wasm neither takes nor respects the
 * locks of HDF5. The lock of a process of this machine that is no longer there is taken over.
 *
 * @returns whether it was taken over: who had it died while it wrote
 * @throws WriterError naming the holder, when somebody else writes the file
 */
export function lockFile(filename: string, owner: LockOwner): boolean {
  let isTakenOver = false;
  const path = lockPath(filename);
  const text = JSON.stringify(lockOwnerSchema.parse(owner));
  for (;;) {
    try {
      writeFileSync(path, text, { flag: "wx" });
      return isTakenOver;
    } catch (error) {
      if (codeOf(error) !== "EEXIST")
        throw new WriterError(filename, `cannot lock: ${path}: ${errorMessage(error)}`, { cause: error });
    }
    const held = readLock(path);
    if (held === undefined) continue;
    takeAway(filename, path, held, owner);
    isTakenOver = true;
  }
}

/**
 * Tells early what the writer would refuse later, when something is published already: that another process writes the
 * file. Scans of this process may share it.
 *
 * @throws WriterError naming the holder
 */
export function assertNotWrittenByOthers(filename: string): void {
  const held = readLock(lockPath(filename));
  if (held === undefined) return;
  const holder = parseOwner(held);
  const self = thisProcess();
  const isOurs = holder?.pid === self.pid && holder.host === self.host;
  if (!isOurs && !(holder && isGone(holder, self))) throw heldError(filename, holder);
}

/** Gives the right back. */
export function unlockFile(filename: string): void {
  rmSync(lockPath(filename), { force: true });
}

function readLock(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined; // given back meanwhile
    throw error;
  }
}

/** Removes a lock whose process is gone. Two that try it at the same time must not remove each other's new lock. */
function takeAway(filename: string, path: string, held: string, owner: LockOwner): void {
  const holder = parseOwner(held);
  if (!holder || !isGone(holder, owner)) throw heldError(filename, holder);
  const aside = `${path}.${owner.pid}-${owner.started}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  const isOurs = readLock(aside) === held;
  if (!isOurs) linkSync(aside, path);
  rmSync(aside, { force: true });
  if (!isOurs) throw heldError(filename, parseOwner(readLock(path) ?? ""));
}

function parseOwner(text: string): LockOwner | undefined {
  try {
    return lockOwnerSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function isGone(holder: LockOwner, self: LockOwner): boolean {
  if (holder.host !== self.host) return false; // nobody can tell from here
  if (holder.pid === self.pid) return holder.started !== self.started;
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    return codeOf(error) === "ESRCH";
  }
}

function heldError(filename: string, holder: LockOwner | undefined): WriterError {
  const who = holder ? `process ${holder.pid} on ${holder.host}` : "somebody unknown";
  return new WriterError(
    filename,
    `is being written by ${who}. Wait until it is done or save elsewhere; ` +
      `if that process does not exist any more, remove ${lockPath(filename)}`,
  );
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
