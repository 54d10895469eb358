import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WriterThread } from "../src/writer-thread.js";

const script = fileURLToPath(new URL("failing-thread.mjs", import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "beamtime-thread-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("WriterThread", () => {
  it("fails its requests and scans, naming their files, and gives its locks back when it dies", async () => {
    const filename = join(folder, "data.h5");
    writeFileSync(`${filename}.lock`, "");
    const broken: string[] = [];
    const failures: unknown[] = [];
    const settings = { flushInterval: 1, fsync: false, minFreeBytes: 0, filename };
    const thread = new WriterThread(settings, () => broken.push("once"), script);
    thread.attach(1, {
      filename,
      send: () => {},
      failed: (error) => failures.push(error),
      warn: (message) => expect.fail(message),
    });
    const message = `${filename}: cannot be written any more: its thread failed: out of memory`;
    await expect(thread.request(filename, { type: "flush", scan: 1 })).rejects.toThrow(message);
    await expect(thread.request(filename, { type: "flush", scan: 1 })).rejects.toThrow(message);
    expect(failures).toEqual([expect.objectContaining({ name: "WriterError", message, filename })]);
    expect(broken).toEqual(["once"]);
    expect(readdirSync(folder)).toEqual([]);
    await thread.kill("the test is over");
  });
});
