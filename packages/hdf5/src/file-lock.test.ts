import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { assertNotWrittenByOthers, type LockOwner, lockFile, lockPath, unlockFile } from "./file-lock.js";
import { WriterError } from "./writer-error.js";

const self: LockOwner = { pid: process.pid, host: hostname(), started: 1000 };

let folder: string;
let filename: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "beamtime-lock-"));
  filename = join(folder, "data.h5");
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function leaveLock(owner: Partial<LockOwner>): void {
  writeFileSync(lockPath(filename), JSON.stringify({ ...self, ...owner }));
}

/** The pid of a process that has ended. */
function pidOfTheDead(): number {
  return spawnSync(process.execPath, ["-e", ""]).pid;
}

describe("lockFile", () => {
  it("keeps others out until it is given back", () => {
    lockFile(filename, self);
    expect(() => lockFile(filename, self)).toThrow(WriterError);
    unlockFile(filename);
    lockFile(filename, self);
    expect(existsSync(lockPath(filename))).toBe(true);
  });

  it("names the holder and says what to do", () => {
    leaveLock({ pid: process.ppid });
    expect(() => lockFile(filename, self)).toThrow(
      `${filename}: is being written by process ${process.ppid} on ${hostname()}. Wait until it is done or save ` +
        `elsewhere; if that process does not exist any more, remove ${filename}.lock`,
    );
  });

  it("takes over the lock of a dead process", () => {
    leaveLock({ pid: pidOfTheDead() });
    lockFile(filename, self);
    expect(() => lockFile(filename, self)).toThrow(`process ${process.pid}`);
  });

  it("takes over the lock of an earlier process that had the same pid", () => {
    leaveLock({ started: 999 });
    lockFile(filename, self);
    expect(() => lockFile(filename, self)).toThrow(`process ${process.pid}`);
  });

  it("respects the lock of another machine, whose processes cannot be seen", () => {
    leaveLock({ host: "another", pid: pidOfTheDead() });
    expect(() => lockFile(filename, self)).toThrow("on another");
  });

  it("respects a lock that it cannot read", () => {
    writeFileSync(lockPath(filename), "");
    expect(() => lockFile(filename, self)).toThrow("somebody unknown");
  });
});

describe("assertNotWrittenByOthers", () => {
  it("lets scans share a file within this process, takes the locks of the dead for nothing, and leaves them", () => {
    assertNotWrittenByOthers(filename);
    lockFile(filename, self);
    assertNotWrittenByOthers(filename);
    leaveLock({ pid: pidOfTheDead() });
    assertNotWrittenByOthers(filename);
    expect(existsSync(lockPath(filename))).toBe(true);
  });

  it("names another process that writes the file", () => {
    leaveLock({ pid: process.ppid });
    expect(() => assertNotWrittenByOthers(filename)).toThrow(`is being written by process ${process.ppid}`);
  });
});
