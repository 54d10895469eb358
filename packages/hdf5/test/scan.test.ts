import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AcquisitionChain,
  AcquisitionChannel,
  AcquisitionSlave,
  memoryScanSaving,
  replayScan,
  Scan,
  ScanAbort,
  type ScanOptions,
  ScanRecorder,
  type ScanSaving,
  SoftwareTimerMaster,
} from "@beamtime/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileTree } from "../src/file-tree.js";
import { hdf5Library } from "../src/hdf5-library.js";
import { type Hdf5Writer, hdf5Writer, lastScanNumber } from "../src/index.js";
import { treeText } from "../src/tree-text.js";

/** Counts its triggers. */
class TriggerCounter extends AcquisitionSlave {
  readonly #channel = new AcquisitionChannel("counter:triggers", "int32");
  readonly #onTrigger: (triggers: number) => void;
  triggers = 0;

  constructor(onTrigger: (triggers: number) => void = () => {}) {
    super({ name: "counter" });
    this.#onTrigger = onTrigger;
    this.channels.push(this.#channel);
  }

  prepare(): void {
    this.triggers = this.#channel.npoints;
  }

  start(): void {}

  override trigger(): void {
    this.#channel.emit(++this.triggers);
    this.#onTrigger(this.triggers);
  }

  stop(): void {}
}

let folder: string;
let filename: string;
let writer: Hdf5Writer;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "beamtime-scan-"));
  filename = join(folder, "data.h5");
  writer = hdf5Writer();
});

afterEach(async () => {
  await writer[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** Scans go into one file, and their numbers on from the last one there. */
const scanSaving: ScanSaving = {
  begin: async ({ name, save }) => {
    const number = (await lastScanNumber(filename)) + 1;
    const nodeName = `${number}_${name}`;
    return { identity: { name, number, saved: save, nodeName, parentPath: [], session: "s", filename }, info: {} };
  },
};

function timeScan(npoints: number, options: ScanOptions = {}, counter = new TriggerCounter()): Scan {
  const chain = new AcquisitionChain();
  chain.add(new SoftwareTimerMaster(0.001, { npoints }), counter);
  return new Scan(chain, { name: "timescan", scanSaving, sinks: [writer], ...options });
}

async function tree(): Promise<string> {
  return treeText(fileTree(await hdf5Library(), filename));
}

describe("a scan", () => {
  it("is in the file when run() resolves", async () => {
    await timeScan(3).run();
    await timeScan(4).run();
    const text = await tree();
    expect(text).toMatch(/ 1\.1\/ [\s\S]*data \[<i4 \[3\][\s\S]*\] \[1, 2, 3\]/);
    expect(text).toMatch(/ 2\.1\/ [\s\S]*data \[<i4 \[4\][\s\S]*\] \[1, 2, 3, 4\]/);
    expect(text.match(/end_reason \[str \[\]\] "SUCCESS"/g)).toHaveLength(2);
  });

  it("that is aborted is in the file as far as it came", async () => {
    const counter: TriggerCounter = new TriggerCounter((triggers) => triggers === 5 && scan.abort());
    const scan = timeScan(0, {}, counter);
    await expect(scan.run()).rejects.toThrow(ScanAbort);
    const text = await tree();
    expect(text).toContain(`data [<i4 [${counter.triggers}] chunks=[512]`);
    expect(text).toContain('end_reason [str []] "USER_ABORT"');
  });

  it("fails before anything moves when its file cannot be written", async () => {
    const counter = new TriggerCounter();
    const saving: ScanSaving = {
      begin: async (request, options) => {
        const { identity, info } = await scanSaving.begin(request, options);
        return { identity: { ...identity, filename: "/dev/null/data.h5" }, info };
      },
    };
    const scan = timeScan(3, { scanSaving: saving }, counter);
    await expect(scan.run()).rejects.toThrow("/dev/null/data.h5: cannot make the directory");
    expect(counter.triggers).toBe(0);
  });

  it("that no file is named for is refused", async () => {
    const scan = timeScan(1, { scanSaving: memoryScanSaving() });
    await expect(scan.run()).rejects.toThrow("a scan that is saved needs the path of its file");
  });

  it("that was recorded can be written later", async () => {
    const recorder = new ScanRecorder();
    await timeScan(3, { sinks: [recorder] }).run();
    await replayScan(recorder.events, [writer]);
    expect(await tree()).toMatch(/data \[<i4 \[3\][\s\S]*\] \[1, 2, 3\]/);
  });
});
