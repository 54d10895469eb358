import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { replayScan } from "@beamtime/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileTree, type TreeNode } from "../src/file-tree.js";
import { hdf5Library } from "../src/hdf5-library.js";
import { finishEntry, hdf5Writer, WriterError } from "../src/index.js";
import { memberOf } from "./bliss-tree.js";
import { scanEvents, stepScan } from "./made-scan.js";

const python = process.env["BEAMTIME_PYTHON"] ?? "";
const endTime = Date.UTC(2026, 10, 21, 9, 30) / 1000;
/** Where a file of superblock 0 tells that somebody has it open to write. Nobody minds. */
const markOffset = 20;
let folder: string;
let filename: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "beamtime-finish-"));
  filename = join(folder, "data.h5");
});
afterEach(() => {
  child?.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

/** Writes a scan that is over, 1, and one without end, 2, in a process of its own, until some of it is in the file. */
async function startWriter(): Promise<ChildProcess> {
  const script = fileURLToPath(new URL("endless-scan.mjs", import.meta.url));
  const writer = spawn(process.execPath, [script, filename], { stdio: ["ignore", "pipe", "inherit"] });
  child = writer;
  const lines = createInterface({ input: writer.stdout });
  await once(lines, "line");
  writer.stdout.resume();
  return writer;
}

async function killedWriter(): Promise<void> {
  const writer = await startWriter();
  writer.kill("SIGKILL");
  await once(writer, "exit");
}

/** As if it had been killed in the middle of a flush: the last entry is damaged. Returns the bytes of the file. */
async function damagingWriter(): Promise<Buffer> {
  await killedWriter();
  const bytes = readFileSync(filename);
  // the groups of the last entry lie behind those of the first
  for (let at = bytes.lastIndexOf("SNOD"); at > bytes.length / 4; at = bytes.lastIndexOf("SNOD", at - 1)) {
    bytes.write("DAMN", at);
  }
  writeFileSync(filename, bytes);
  return bytes;
}

async function tree(): Promise<TreeNode> {
  return fileTree(await hdf5Library(), filename);
}

async function textOf(path: string): Promise<unknown> {
  const node = memberOf(await tree(), path);
  return node.type === "dataset" ? node.value : node.type;
}

describe("the entry of a scan whose process was killed", () => {
  it("gets an end, keeps its points, and is done once", async () => {
    await killedWriter();
    expect(await textOf("2.1/writer/status")).toBe("RUNNING");
    const before = memberOf(await tree(), "2.1/instrument");
    const first = memberOf(await tree(), "1.1");

    expect(await finishEntry({ filename, entry: "2.1", endTime })).toBe(true);
    expect(Date.parse(String(await textOf("2.1/end_time"))) / 1000).toBe(endTime);
    expect(await textOf("2.1/end_reason")).toBe("FAILURE");
    expect(await textOf("2.1/writer/status")).toBe("FAILED");
    expect(memberOf(await tree(), "2.1/instrument")).toEqual(before);
    expect(memberOf(await tree(), "1.1")).toEqual(first);
    expect(existsSync(`${filename}.lock`)).toBe(false);

    const bytes = readFileSync(filename);
    expect(await finishEntry({ filename, entry: "2.1", endTime: endTime + 1 })).toBe(false);
    expect(await finishEntry({ filename, entry: "1.1", endTime })).toBe(false);
    expect(readFileSync(filename).equals(bytes)).toBe(true);
  });

  it("can be followed by another scan", async () => {
    await killedWriter();
    await finishEntry({ filename, entry: "2.1", endTime });
    await using writer = hdf5Writer();
    await replayScan(scanEvents({ filename, number: 3, tops: stepScan(3) }), [writer]);
    expect(await textOf("3.1/end_reason")).toBe("SUCCESS");
  });

  // the set-up of the tests makes an interpreter with h5py
  it.skipIf(!python)("is read by h5py to its end", async () => {
    await killedWriter();
    await finishEntry({ filename, entry: "2.1", endTime });
    const program = `
import h5py, sys
with h5py.File(sys.argv[1], "r") as file:
    entry = file["2.1"]
    points = [len(entry["measurement"][name][()]) for name in entry["measurement"]]
    print(entry["end_time"].asstr()[()][:4], entry["writer/status"].asstr()[()], len(points), min(points) > 0)`;
    const { stdout } = await promisify(execFile)(python, ["-c", program, filename]);
    expect(stdout.trim()).toBe("2026 FAILED 21 True");
  });
});

describe("a file that is not to be touched", () => {
  it("is one that a living process writes", async () => {
    const writer = await startWriter();
    await expect(finishEntry({ filename, entry: "2.1", endTime })).rejects.toThrow(
      `is being written by process ${writer.pid}`,
    );
    expect(await textOf("2.1/writer/status")).toBe("RUNNING");
  });

  it("is one that cannot be opened: it stays as it is, and the error says what is wrong", async () => {
    await killedWriter();
    truncateSync(filename, Math.floor(readFileSync(filename).length / 2));
    const bytes = readFileSync(filename);
    const failure: unknown = await finishEntry({ filename, entry: "2.1", endTime }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(WriterError);
    expect(String(failure)).toMatch(/data\.h5: cannot open the file: .*truncated/);
    expect(readFileSync(filename).equals(bytes)).toBe(true);
    expect(existsSync(`${filename}.lock`)).toBe(false);
  });

  it("is one whose entry is damaged", async () => {
    const bytes = await damagingWriter();
    await expect(finishEntry({ filename, entry: "2.1", endTime })).rejects.toThrow(WriterError);
    const after = readFileSync(filename);
    after[markOffset] = bytes[markOffset] ?? 0; // closed in order, unlike by the process that was killed
    expect(after.equals(bytes)).toBe(true);
  });

  it("is one that a dead process left damaged, also for the next scan, which says so", async () => {
    await damagingWriter();
    await using writer = hdf5Writer();
    const scan = replayScan(scanEvents({ filename, number: 3, tops: stepScan(3) }), [writer]);
    await expect(scan).rejects.toThrow(/has died and left it damaged \(.*\): save elsewhere/);
  });

  it("is none at all, empty, or without the entry", async () => {
    expect(await finishEntry({ filename, entry: "1.1", endTime })).toBe(false);
    expect(existsSync(filename)).toBe(false);
    writeFileSync(filename, "");
    expect(await finishEntry({ filename, entry: "1.1", endTime })).toBe(false);
    rmSync(filename);
    await using writer = hdf5Writer();
    await replayScan(scanEvents({ filename, number: 1, tops: stepScan(3) }), [writer]);
    expect(await finishEntry({ filename, entry: "11.1", endTime })).toBe(false);
  });
});

it("refuses what is no entry, and gives up with the signal's reason", async () => {
  await expect(finishEntry({ filename, entry: "12", endTime })).rejects.toThrow("expected e.g. '12.1'");
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(finishEntry({ filename, entry: "1.1", endTime, signal })).rejects.toThrow("enough");
});
