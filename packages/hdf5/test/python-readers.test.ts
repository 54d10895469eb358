import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { replayScan } from "@beamtime/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hdf5Writer } from "../src/index.js";
import { ascanOf, rewriteScan } from "./bliss-scan.js";
import { type BlissNode, blissEntry, memberOf, without } from "./bliss-tree.js";
import { type MadeScan, samplingCounter, scanEvents, stepScan } from "./made-scan.js";

const python = process.env["BEAMTIME_PYTHON"] ?? "";
const script = fileURLToPath(new URL("read_file.py", import.meta.url));
const zone = process.env["TZ"];
let folder: string;
let filename: string;

beforeEach(() => {
  process.env["TZ"] = "UTC";
  folder = mkdtempSync(join(tmpdir(), "beamtime-python-"));
  filename = join(folder, "data.h5");
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  if (zone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone;
});

async function read(what: "tree" | "default"): Promise<unknown> {
  const { stdout } = await promisify(execFile)(python, [script, what, filename]);
  return JSON.parse(stdout.replaceAll("NaN", '"NaN"'), (_, value: unknown) => (value === "NaN" ? Number.NaN : value));
}

async function write(scan: Omit<MadeScan, "filename">): Promise<void> {
  await using writer = hdf5Writer();
  await replayScan(scanEvents({ filename, ...scan }), [writer]);
}

// the set-up of the tests makes an interpreter with h5py and silx; without one they are counted as skipped
describe.skipIf(!python)("files are read", () => {
  it("by h5py, as the tree that BLISS writes", async () => {
    const bliss = blissEntry("hdf5-nexus-dataset-file", "1.1");
    await rewriteScan(filename, bliss, { number: 1, npoints: 6, tops: ascanOf(bliss) });
    const entries = (await read("tree")) as Record<string, BlissNode>;
    expect(without(entries["1.1"] as BlissNode, "end_reason")).toEqual(bliss);
  });

  it("by h5py, with values of all types, gaps and points of any length", async () => {
    const channels = [
      { fullname: "c:ints", values: [-1, 2 ** 31], dtype: "int64" as const },
      { fullname: "c:words", values: ["Å", "b"], dtype: "string" as const },
      { fullname: "c:flags", values: [1, 0], dtype: "bool" as const },
      { fullname: "c:images", values: [1, 2, 3, 4, 5, 6, 7, 8], shape: [2, 2], dtype: "uint16" as const },
      { fullname: "c:ragged", values: [1, 2], shape: [2] },
    ];
    const events = scanEvents({ filename, tops: [{ name: "top", channels }] });
    const late = { type: "data", channel: 4, first: 2, npoints: 1, pointShape: [1], data: Float64Array.of(3) } as const;
    await using writer = hdf5Writer();
    await replayScan([...events.slice(0, -3), late, ...events.slice(-3)], [writer]);
    const { "1.1": entry } = (await read("tree")) as Record<string, BlissNode>;
    const stored = (name: string) => memberOf(entry as BlissNode, `instrument/${name}/data`);
    expect(stored("ints")).toMatchObject({ dtype: "<i8", value: [-1, 2 ** 31] });
    expect(stored("words")).toMatchObject({ dtype: "str", value: ["Å", "b"] });
    expect(stored("flags")).toMatchObject({ dtype: "|u1", value: [1, 0] });
    expect(stored("images")).toMatchObject({
      dtype: "<u2",
      shape: [2, 2, 2],
      value: [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
      ],
    });
    const nan = Number.NaN;
    expect(stored("ragged")).toMatchObject({
      dtype: "<f8",
      value: [
        [1, 2],
        [nan, nan],
        [3, nan],
      ],
    });
  });

  it("by silx, which shows the curve that the scan names", async () => {
    const plots = [{ kind: "curve-plot", items: [{ kind: "curve", x: "axis:samx" }] }];
    await write({ number: 1, tops: stepScan(2) });
    await write({ number: 12, tops: stepScan(3), info: { plots } });
    expect(await read("default")).toMatchObject({
      signal: "diode",
      values: [0, 10, 20],
      axes: [[0, 1, 2]],
      names: ["samx (mm)"],
      isCurve: true,
    });
  });

  it("by silx, which shows a mesh as a scatter plot", async () => {
    const items = [{ kind: "scatter", x: "axis:samx", y: "axis:samy" }];
    const axes = [
      { fullname: "axis:samx", values: [0, 1, 0, 1] },
      { fullname: "axis:samy", values: [0, 0, 2, 2] },
    ];
    const counters = { name: "counters", channels: [samplingCounter("ctrl:diode", [1, 2, 3, 4])] };
    const tops = [{ name: "axis", channels: axes, slaves: [counters] }];
    await write({ tops, info: { npoints: 4, plots: [{ kind: "scatter-plot", items }] } });
    expect(await read("default")).toMatchObject({
      signal: "diode",
      values: [1, 2, 3, 4],
      axes: [
        [0, 1, 0, 1],
        [0, 0, 2, 2],
      ],
      isScatter: true,
    });
  });

  it("by silx, which shows what there is of an aborted scan", async () => {
    const counters = { name: "counters", channels: [samplingCounter("ctrl:diode", [5, 6])] };
    const axis = { fullname: "axis:samx", values: [0, 1, 2] };
    const tops = [{ name: "axis", channels: [axis], slaves: [counters] }];
    await write({ tops, reason: "USER_ABORT" });
    expect(await read("default")).toMatchObject({ values: [5, 6], axes: [[0, 1]], isCurve: true });
  });
});
