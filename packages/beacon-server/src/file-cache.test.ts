import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { VirtualClock } from "@beamtime/concurrency";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FileCache } from "./file-cache.js";

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "beamtime-cache-"));
  path = join(directory, "a.yml");
});
afterEach(() => rm(directory, { recursive: true }));

/** A cache to which files of now are old. */
const later = (): FileCache => new FileCache(new VirtualClock(Date.now() / 1000 + 3600));
const text = async (cache: FileCache): Promise<string> => (await cache.read(path, 1000)).toString();

it("gives the kept bytes of a file that has not changed", async () => {
  const cache = later();
  await writeFile(path, "one");
  expect(await cache.read(path, 1000)).toBe(await cache.read(path, 1000));
});

it("shows a change to who asks after it, also while others ask", async () => {
  const cache = later();
  for (let round = 0; round < 50; round++) {
    const before = [text(cache), text(cache)].map((read) => read.catch(() => ""));
    writeFileSync(path, `round ${round}`);
    expect(await Promise.all([text(cache), text(cache)])).toEqual([`round ${round}`, `round ${round}`]);
    await Promise.all(before);
  }
});

it("reads a file again after any change: of size, of time, or replaced", async () => {
  const cache = later();
  await writeFile(path, "one");
  expect(await text(cache)).toBe("one");
  await writeFile(path, "longer");
  expect(await text(cache)).toBe("longer");
  await writeFile(path, "LONGER");
  await utimes(path, 1, 1);
  expect(await text(cache)).toBe("LONGER");
  await rm(path);
  await expect(text(cache)).rejects.toThrow("ENOENT");
  await writeFile(path, "again");
  expect(await text(cache)).toBe("again");
});

it("does not keep a file that has just changed, as the next change may have the same time", async () => {
  const cache = new FileCache(new VirtualClock(Date.now() / 1000));
  await writeFile(path, "one");
  expect(await cache.read(path, 1000)).not.toBe(await cache.read(path, 1000));
});

it("refuses what is too large, and what is no file without waiting for it", async () => {
  const cache = later();
  await writeFile(path, "x".repeat(1001));
  await expect(text(cache)).rejects.toThrow(/1001 bytes/);
  await rm(path);
  await promisify(execFile)("mkfifo", [path]);
  await expect(text(cache)).rejects.toThrow("not a file");
});
