import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { systemClock } from "@beamtime/concurrency";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileTree } from "../src/file-tree.js";
import { hdf5Library } from "../src/hdf5-library.js";
import { hdf5Writer } from "../src/index.js";
import { memberOf } from "./bliss-tree.js";
import { scanEvents, stepScan } from "./made-scan.js";

const script = fileURLToPath(new URL("endless-scan.mjs", import.meta.url));
let folder: string;
let filename: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "beamtime-interrupted-"));
  filename = join(folder, "data.h5");
});

afterEach(() => {
  child?.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

/** Points of the scan's datasets, all of which end with the last number that was written. */
async function lengths(entry: string): Promise<number[]> {
  const instrument = memberOf(fileTree(await hdf5Library(), filename), `${entry}/instrument`);
  return Object.entries(instrument.children ?? {}).flatMap(([name, { children }]) => {
    const dataset = children?.[name === "samx" ? "value" : "data"];
    if (dataset?.type !== "dataset") return [];
    return [dataset.shape?.[0] ?? 0];
  });
}

/** How the scans of the file ended, undefined for those without an end. */
async function ends(): Promise<unknown[]> {
  const tree = fileTree(await hdf5Library(), filename);
  const entries = Object.values(tree.type === "group" ? (tree.children ?? {}) : {});
  return entries.map((entry) => {
    if (entry.type !== "group" || !entry.children?.["end_time"]) return undefined;
    const status = memberOf(entry, "writer/status");
    return status.type === "dataset" ? status.value : status.type;
  });
}

/** A whole scan more, by this process. */
async function writeAnother(number: number): Promise<void> {
  const writer = hdf5Writer();
  const failures: unknown[] = [];
  const sink = writer.open({ clock: systemClock, fail: (error) => failures.push(error), warn: () => {} });
  for (const event of scanEvents({ filename, number, tops: stepScan(3) })) sink.push(event);
  await sink.flush();
  await sink.close();
  await writer[Symbol.asyncDispose]();
  expect(failures).toEqual([]);
}

describe("a writer whose process is killed", () => {
  it.each([1, 2, 3, 4, 5])("leaves a file with all that was flushed, which can be continued (%i)", async (round) => {
    child = spawn(process.execPath, [script, filename], { stdio: ["ignore", "pipe", "inherit"] });
    let flushed = 0;
    let moment = round + Math.ceil(Math.random() * 5);
    if (!child.stdout) throw new Error("the child has a standard output");
    for await (const line of createInterface({ input: child.stdout })) {
      flushed = Number(line.split(" ")[1]);
      if (--moment > 0) continue;
      // somewhere between two flushes, or in one
      await systemClock.sleep(Math.random() * 0.02);
      child.kill("SIGKILL");
    }
    expect(flushed).toBeGreaterThan(0);
    expect(await lengths("1.1")).toEqual(new Array(21).fill(300));
    const points = await lengths("2.1");
    expect(points).toHaveLength(21);
    expect(Math.min(...points)).toBeGreaterThanOrEqual(flushed);
    expect(existsSync(`${filename}.lock`)).toBe(true);

    expect(await ends()).toEqual(["SUCCEEDED", undefined]);

    await writeAnother(3);
    expect(await lengths("1.1")).toEqual(new Array(21).fill(300));
    expect(await lengths("2.1")).toEqual(points);
    expect(await ends()).toEqual(["SUCCEEDED", "FAILED", "SUCCEEDED"]);
    expect(existsSync(`${filename}.lock`)).toBe(false);
  });
});

describe("a writer whose disk is full", () => {
  it.each([600, 1000, 1501])("fails the scan with a sentence, and leaves a readable file (%i KiB)", async (blocks) => {
    const args = ["-c", `ulimit -f ${blocks}; exec "$0" "$@"`, process.execPath, script, filename];
    child = spawn("bash", args, { stdio: ["ignore", "pipe", "inherit"] });
    const output: string[] = [];
    if (!child.stdout) throw new Error("the child has a standard output");
    for await (const line of createInterface({ input: child.stdout })) output.push(line);
    if (child.exitCode === null) await once(child, "exit");
    expect(child.exitCode).toBe(0);
    expect(output).toContainEqual(expect.stringMatching(/^failed .*data\.h5: cannot .*: File too large$/));
    expect(output.at(-1)).toBe("over");
    const flushed = output.findLast((line) => line.startsWith("flushed"))?.split(" ")[1];
    expect(statSync(filename).size).toBeLessThanOrEqual(blocks * 1024);
    expect(existsSync(`${filename}.lock`)).toBe(false);
    expect(await lengths("1.1")).toEqual(new Array(21).fill(300));
    const points = await lengths("2.1");
    expect(points).toHaveLength(21);
    expect(Math.min(...points)).toBeGreaterThanOrEqual(Number(flushed));
  });
});
