import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { scanEvents, stepScan } from "../test/made-scan.js";
import { fileTree } from "./file-tree.js";
import { type Hdf5Library, hdf5Library } from "./hdf5-library.js";
import { treeText } from "./tree-text.js";
import { WorkerScans } from "./worker-scans.js";
import type { WorkerReply } from "./writer-message.js";

const settings = { pid: process.pid, host: "here", started: 1, flushInterval: 1, fsync: true, minFreeBytes: 0 };
let library: Hdf5Library;
let folder: string;
let filename: string;

beforeEach(async () => {
  library = await hdf5Library();
  folder = mkdtempSync(join(tmpdir(), "beamtime-scans-"));
  filename = join(folder, "data.h5");
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A scan that goes on, without its end. */
function begin(scans: WorkerScans, scan: number): void {
  const events = scanEvents({ filename, number: scan, tops: stepScan(3) }).filter(({ type }) => type !== "ended");
  scans.handle({ type: "events", id: scan, scan, events });
}

describe("WorkerScans", () => {
  it("completes the scans of a disk that becomes full, and gives the file back", () => {
    const replies: WorkerReply[] = [];
    const changing = { ...settings };
    const scans = new WorkerScans(library, changing, (reply) => replies.push(reply));
    begin(scans, 1);
    begin(scans, 2);
    scans.tick();
    expect(replies.filter(({ type }) => type === "failed")).toEqual([]);

    changing.minFreeBytes = Number.POSITIVE_INFINITY;
    scans.tick();
    const reason = expect.stringContaining("the disk is full");
    expect(replies.filter(({ type }) => type === "failed")).toMatchObject([
      { scan: 1, failure: { filename, reason }, isBroken: false },
      { scan: 2, failure: { filename, reason }, isBroken: false },
    ]);
    expect(readdirSync(folder)).toEqual(["data.h5"]);
    const text = treeText(fileTree(library, filename));
    expect(text.match(/end_reason \[str \[\]\] "FAILURE"/g)).toHaveLength(2);
    expect(text.match(/value \[<f8 \[3\]/g)).toHaveLength(2);
  });

  it("refuses whatever more is told of a scan that failed, with the same reason", () => {
    const replies: WorkerReply[] = [];
    const scans = new WorkerScans(library, { ...settings, minFreeBytes: 2 ** 80 }, (reply) => replies.push(reply));
    begin(scans, 1);
    scans.handle({ type: "flush", id: 2, scan: 1 });
    scans.handle({ type: "close", id: 3, scan: 1 });
    const failure = { filename, reason: expect.stringContaining("the disk is full") };
    expect(replies.filter(({ type }) => type !== "lock")).toMatchObject([
      { type: "failed", scan: 1, failure },
      { type: "refused", id: 1, failure },
      { type: "refused", id: 2, failure },
      { type: "done", id: 3 },
    ]);
  });
});
