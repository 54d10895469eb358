import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type MadeScan, samplingCounter, scanEvents, stepScan } from "../test/made-scan.js";
import { fileTree } from "./file-tree.js";
import { type Hdf5Library, hdf5Library } from "./hdf5-library.js";
import { OpenFiles } from "./open-files.js";
import { ScanWriter } from "./scan-writer.js";
import { treeText } from "./tree-text.js";

let library: Hdf5Library;
let folder: string;

beforeEach(async () => {
  library = await hdf5Library();
  folder = mkdtempSync(join(tmpdir(), "beamtime-entry-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** The tree of a scan's file. */
function written(scan: Omit<MadeScan, "filename">): string {
  const filename = join(folder, "data.h5");
  const files = new OpenFiles(library, { pid: process.pid, host: "here", started: 0, minFreeBytes: 0 });
  const writer = new ScanWriter({ files, fsync: true, warn: (message) => expect.fail(message) });
  for (const event of scanEvents({ filename, ...scan })) writer.write(event);
  writer.close();
  return treeText(fileTree(library, filename));
}

const start = { samx: 1, samy: 2 };

describe("an entry", () => {
  it("gives the position at the start of a scanned axis that never moved", () => {
    const [axis] = stepScan(0);
    if (!axis) throw new Error("a step scan has an axis");
    const text = written({ tops: [axis], info: { positioners: { positioners_start: start } } });
    expect(text).toContain('positioners/ @NX_class="NXcollection"\n        samx [<f8 []] 1\n        samy [<f8 []] 2\n');
    expect(text).not.toContain("plotselect");
  });

  it("says NaN where an axis could not be read", () => {
    const text = written({ tops: stepScan(1), info: { positioners: { positioners_start: { samz: "ERR" } } } });
    expect(text).toContain("samz [<f8 []] NaN");
  });

  it("is written whatever the info holds", () => {
    const info = {
      title: 3,
      npoints: "many",
      positioners: "none",
      comments: { 1: "a" },
      plots: "yes",
      scan_meta_categories: ["instrument", "title", "missing", "measurement"],
      instrument: { samx: { value: 7 }, positioners: { samx: 3 }, diode: { type: 5, vendor: "ACME" } },
      measurement: { samx: 1 },
    };
    const text = written({ tops: stepScan(2), info });
    expect(text).toContain('title [str []] ""');
    expect(text).toContain('vendor [str []] "ACME"');
    expect(text).toContain('value [<f8 [2] chunks=[512] max=[None]] @units="mm" [0, 1]');
    expect(text).toContain("samx -> /1.1/instrument/samx/value");
    expect(text).toContain('end_reason [str []] "SUCCESS"');
  });

  it("keeps what a device tells of itself beside its data", () => {
    const devices = { "1:top": { metadata: { gain: 2, data: "not this", signal: "nor this" } } };
    const text = written({ tops: [{ name: "top", channels: [samplingCounter("c:diode", [1])] }], info: { devices } });
    expect(text).toContain("gain [<i8 []] 2");
    expect(text).toContain("data -> signal");
    expect(text).toContain("signal [<f8 [1]");
  });

  it("exists when a scan failed before it knew its devices", () => {
    expect(written({ reason: "FAILURE" })).toContain('end_reason [str []] "FAILURE"');
  });
});
