import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { type FileHandle, open, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { systemClock } from "@beamtime/concurrency";
import type { ScanEvent, ScanSink } from "@beamtime/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fileTree } from "../src/file-tree.js";
import { hdf5Library } from "../src/hdf5-library.js";
import {
  type Hdf5Writer,
  type Hdf5WriterOptions,
  hdf5Writer,
  lastScanNumber,
  readFileTree,
  WriterError,
  WriterOverflowError,
} from "../src/index.js";
import { treeText } from "../src/tree-text.js";
import { type MadeScan, samplingCounter, scanEvents, stepScan } from "./made-scan.js";

let folder: string;
let filename: string;
const writers: Hdf5Writer[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "beamtime-writer-"));
  filename = join(folder, "data.h5");
});

afterEach(async () => {
  await Promise.all(writers.splice(0).map((writer) => writer[Symbol.asyncDispose]()));
  rmSync(folder, { recursive: true });
});

function startWriter(options: Hdf5WriterOptions = {}): Hdf5Writer {
  const writer = hdf5Writer(options);
  writers.push(writer);
  return writer;
}

interface OpenScan {
  readonly sink: ScanSink;
  readonly failures: unknown[];
  readonly warnings: string[];
}

function openScan(writer: Hdf5Writer): OpenScan {
  const failures: unknown[] = [];
  const warnings: string[] = [];
  const sink = writer.open({
    clock: systemClock,
    fail: (error) => failures.push(error),
    warn: (message) => warnings.push(message),
  });
  return { sink, failures, warnings };
}

/** What a file holds; read here, since starting a thread for it takes long. */
async function tree(path: string): Promise<string> {
  return treeText(fileTree(await hdf5Library(), path));
}

/** Writes a whole scan, and returns what was reported. */
async function written(writer: Hdf5Writer, scan: Partial<MadeScan> = {}): Promise<OpenScan> {
  const open = openScan(writer);
  for (const event of scanEvents({ filename, tops: stepScan(3), ...scan })) open.sink.push(event);
  await open.sink.flush();
  await open.sink.close();
  expect(open.failures).toEqual([]);
  return open;
}

describe("the HDF5 writer", () => {
  it("writes several scans at the same time, in one file and in another", async () => {
    const writer = startWriter();
    const scans = [
      { sink: openScan(writer), events: scanEvents({ filename, number: 1, tops: stepScan(100) }) },
      { sink: openScan(writer), events: scanEvents({ filename, number: 2, tops: stepScan(100) }) },
      { sink: openScan(writer), events: scanEvents({ filename: join(folder, "deep/er/other.h5"), tops: stepScan(7) }) },
    ];
    for (let index = 0; index < 1000; index++) {
      for (const { sink, events } of scans) {
        const event = events[index];
        if (event) sink.sink.push(event);
        if (event && index % 40 === 0) await sink.sink.flush();
      }
    }
    for (const { sink } of scans) {
      await sink.sink.flush();
      await sink.sink.close();
      expect(sink.failures).toEqual([]);
    }
    const text = await tree(filename);
    expect(text.match(/signal \[<f8 \[100\]/g)).toHaveLength(2);
    expect(await readFileTree(join(folder, "deep/er/other.h5"))).toContain("signal [<f8 [7]");
    expect(readdirSync(folder).sort()).toEqual(["data.h5", "deep"]);
  });

  it("tells the last scan number of a file, so that numbers go on from there", async () => {
    expect(await lastScanNumber(filename)).toBe(0);
    const writer = startWriter();
    await written(writer, { number: 9 });
    await written(writer, { number: 10 });
    expect(await lastScanNumber(filename)).toBe(10);
  });

  it("leaves scans alone that are not saved", async () => {
    const open = await written(startWriter(), { saved: false, filename: "" });
    expect(open.sink.pressure?.()).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("refuses a scan number that the file has already, and touches nothing", async () => {
    const writer = startWriter();
    await written(writer, { number: 3 });
    const before = await tree(filename);
    const { sink, failures } = openScan(writer);
    const [created] = scanEvents({ filename, number: 3 });
    if (created) sink.push(created);
    const refusal = `${filename}: holds a scan 3 already (entry 3.1), which is kept; take a higher scan number or another file`;
    await expect(sink.flush()).rejects.toThrow(refusal);
    await sink.close();
    expect(failures).toEqual([expect.objectContaining({ name: "WriterError", message: refusal, filename })]);
    expect(await tree(filename)).toBe(before);
    await written(writer, { number: 4 });
  });

  it("refuses a file that another process writes, and names it", async () => {
    writeFileSync(`${filename}.lock`, JSON.stringify({ pid: process.ppid, host: hostname(), started: 1 }));
    const { sink, failures } = openScan(startWriter());
    for (const event of scanEvents({ filename })) sink.push(event);
    await expect(sink.flush()).rejects.toThrow(`is being written by process ${process.ppid} on ${hostname()}`);
    await sink.close();
    expect(failures).toHaveLength(1);
    expect(existsSync(filename)).toBe(false);
  });

  it("refuses a file that another writer of this process has open, until it is done", async () => {
    const [first, second] = [startWriter(), startWriter()];
    const open = openScan(first);
    const events = scanEvents({ filename, number: 1 });
    if (events[0]) open.sink.push(events[0]);
    await open.sink.flush();
    const other = openScan(second);
    for (const event of scanEvents({ filename, number: 2 })) other.sink.push(event);
    await expect(other.sink.flush()).rejects.toThrow(`is being written by process ${process.pid}`);
    await other.sink.close();
    await open.sink.close();
    await written(second, { number: 2 });
  });

  it("refuses what is no HDF5 file, and gives the lock back", async () => {
    writeFileSync(filename, "my precious notes");
    const { sink, failures } = openScan(startWriter());
    for (const event of scanEvents({ filename })) sink.push(event);
    await expect(sink.flush()).rejects.toThrow(`${filename}: cannot open the file: `);
    await sink.close();
    expect(failures).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(["data.h5"]);
  });

  it("refuses a place where there can be no file", async () => {
    writeFileSync(filename, "");
    const { sink } = openScan(startWriter());
    for (const event of scanEvents({ filename: join(filename, "data.h5") })) sink.push(event);
    await expect(sink.flush()).rejects.toThrow("cannot make the directory: ");
    await sink.close();
  });

  it("refuses a disk that is nearly full, and says how much room it wants", async () => {
    const { sink } = openScan(startWriter({ minFreeBytes: 2 ** 80 }));
    for (const event of scanEvents({ filename })) sink.push(event);
    await expect(sink.flush()).rejects.toThrow(/the disk is full: \d+ MiB are left, \d+ MiB are to stay free/);
    await sink.close();
    expect(await tree(filename)).not.toContain("1.1");
  });

  it("goes on in a new thread after HDF5 has failed in one", async () => {
    const writer = startWriter();
    writeFileSync(filename, "no HDF5");
    const { sink, failures } = openScan(writer);
    for (const event of scanEvents({ filename })) sink.push(event);
    await sink.close();
    expect(failures).toHaveLength(1);
    await written(writer, { filename: join(folder, "other.h5") });
  });

  it("says how a scan ended, and plots what all channels of an aborted scan have", async () => {
    const slaves = [{ name: "counters", channels: [samplingCounter("ctrl:diode", [5, 6, 7])] }];
    const tops = [{ name: "axis", channels: [{ fullname: "axis:samx", values: [0, 1, 2, 3], unit: "mm" }], slaves }];
    await written(startWriter(), { tops, reason: "USER_ABORT" });
    const text = await tree(filename);
    expect(text).toContain('end_reason [str []] "USER_ABORT"');
    expect(text).toContain(
      '    plotselect/ @NX_class="NXdata" @axes=["samx"] @signal="diode"\n      diode [<f8 [3]] [5, 6, 7]\n      samx [<f8 [3]] @units="mm" [0, 1, 2]',
    );
  });

  it("warns of two channels that want the same link, and keeps the data of both", async () => {
    const owner = "ctrl:a";
    const channels = [
      { fullname: "ctrl:a", values: [1], nexus: { deviceType: "samplingcounter", owner, dataset: "signal" } },
      { fullname: "ctrl:a_N", values: [2], nexus: { deviceType: "samplingcounter", owner, dataset: "N" } },
      { fullname: "other:a_N", values: [3] },
    ];
    const { warnings } = await written(startWriter(), { tops: [{ name: "top", channels }] });
    expect(warnings).toEqual(["other:a_N has no link in measurement: a_N is the name of another channel there"]);
    expect(await tree(filename)).toMatch(/a_N\/ @NX_class="NXdetector"\n +data \[.*\] \[3\]/);
  });

  it("leaves an entry without end when it is closed in the middle", async () => {
    const writer = startWriter();
    const { sink } = openScan(writer);
    for (const event of scanEvents({ filename, tops: stepScan(3) })) if (event.type !== "ended") sink.push(event);
    await sink.close();
    const text = await tree(filename);
    expect(text).toContain('status [str []] "RUNNING"');
    expect(text).not.toContain("end_time");
  });

  it("flushes by itself what comes, while the scan goes on", async () => {
    const { sink } = openScan(startWriter({ flushInterval: 0.01 }));
    const events = scanEvents({ filename, tops: stepScan(3) });
    for (const event of events) if (event.type !== "ended") sink.push(event);
    const isThere = async (): Promise<void> => expect(await readFileTree(filename)).toContain("value [<f8 [3]");
    await vi.waitFor(isThere, { timeout: 20_000, interval: 200 });
    await sink.close();
  });

  it("closes the files of scans that are still open when it is disposed of", async () => {
    const writer = startWriter();
    const { sink, failures } = openScan(writer);
    const events = scanEvents({ filename, tops: stepScan(3) });
    for (const event of events.slice(0, -2)) sink.push(event);
    await writer[Symbol.asyncDispose]();
    expect(failures).toEqual([
      expect.objectContaining({ message: `${filename}: cannot be written any more: the writer is closed` }),
    ]);
    expect(readdirSync(folder)).toEqual(["data.h5"]);
    expect(await tree(filename)).toContain("value [<f8 [3]");
    await sink.close();
    const late = openScan(writer);
    expect(() => late.sink.push(events[0] as ScanEvent)).toThrow(WriterError);
  });

  it.each([{ flushInterval: 0 }, { bufferPoints: Number.NaN }, { closeTimeout: -1 }])("refuses %o", (options) => {
    expect(() => hdf5Writer(options)).toThrow("is to be a number above 0");
  });
});

/** A disk that does not answer: the thread waits in the operating system for what the lock file says. */
describe("while the disk does not answer, the HDF5 writer", () => {
  const dead = spawnSync(process.execPath, ["-e", ""]).pid;
  const staleLock = JSON.stringify({ pid: dead, host: hostname(), started: 1 });

  beforeEach(() => {
    execFileSync("mkfifo", [`${filename}.lock`]);
  });

  /** Resolves when the thread waits for the disk, until the pipe is closed. */
  function stuck(): Promise<FileHandle> {
    return open(`${filename}.lock`, "w");
  }

  /** The lock is read, found to be that of a dead process, set aside and read again. */
  async function answer(pipe: FileHandle): Promise<void> {
    await pipe.writeFile(staleLock);
    await pipe.close();
    const aside = await vi.waitFor(() => {
      const name = readdirSync(folder).find((entry) => entry.startsWith("data.h5.lock."));
      if (name === undefined) throw new Error("the lock is not set aside yet");
      return join(folder, name);
    });
    await writeFile(aside, staleLock);
  }

  it("lets the scan go on, holds it back, and stops it when memory is full", async () => {
    const { sink, failures } = openScan(startWriter({ pressureBytes: 8_000, maxPendingBytes: 16_000 }));
    const events = scanEvents({ filename, tops: stepScan(10_000) });
    let pressed = false;
    let overflow: unknown;
    let told = 0;
    for (const event of events) {
      try {
        sink.push(event);
      } catch (error) {
        overflow ??= error;
      }
      if (event.type === "data" && overflow === undefined) told++;
      if (sink.pressure?.() && !pressed) pressed = true;
    }
    expect(pressed).toBe(true);
    expect(overflow).toBeInstanceOf(WriterOverflowError);
    expect(told).toBeGreaterThan(1000);

    const pipe = await stuck();
    let isFlushed = false;
    const flushed = sink.flush().then(() => {
      isFlushed = true;
    });
    const room = sink.pressure?.();
    for (let turn = 0; turn < 1000; turn++) await setImmediate();
    expect(isFlushed).toBe(false);

    await answer(pipe);
    await Promise.all([flushed, room]);
    await sink.close();
    expect(sink.pressure?.()).toBeUndefined();
    expect(failures).toEqual([]);
    expect(await tree(filename)).toContain(`value [<f8 [${Math.ceil(told / 4)}]`);
  });

  it("stops waiting for a flush when it is told to", async () => {
    const { sink } = openScan(startWriter());
    for (const event of scanEvents({ filename, tops: stepScan(1) })) sink.push(event);
    const abort = new AbortController();
    const flushed = sink.flush({ signal: abort.signal });
    const pipe = await stuck();
    abort.abort(new Error("a second Ctrl-C"));
    await expect(flushed).rejects.toThrow("a second Ctrl-C");
    await answer(pipe);
    await sink.close();
    expect(await tree(filename)).toContain("end_time");
  });

  it("is closed in bounded time, and says so", async () => {
    const writer = startWriter({ closeTimeout: 0.1 });
    const { sink, failures } = openScan(writer);
    for (const event of scanEvents({ filename, tops: stepScan(1) })) sink.push(event);
    const pipe = await stuck();
    await sink.close();
    expect(failures).toEqual([
      expect.objectContaining({
        message: `${filename}: cannot be written any more: its thread did not answer for 0.1 s`,
      }),
    ]);
    await pipe.close(); // or the thread would outlive the test
    await written(writer, { filename: join(folder, "other.h5") });
  });
});
