import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ScanInfo } from "@beamtime/core";
import type { DType } from "@beamtime/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileTree } from "../src/file-tree.js";
import { hdf5Library } from "../src/hdf5-library.js";
import { OpenFiles } from "../src/open-files.js";
import { ScanWriter } from "../src/scan-writer.js";
import { type BlissNode, blissEntry, memberOf, without } from "./bliss-tree.js";
import { type MadeChannel, type MadeDevice, scanEvents } from "./made-scan.js";

const zone = process.env["TZ"];
let folder: string;

beforeEach(() => {
  process.env["TZ"] = "UTC"; // of the machine that wrote the vectors
  folder = mkdtempSync(join(tmpdir(), "beamtime-layout-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  if (zone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone;
});

/** Writes the scan of a vector again, from what its entries hold, and gives the tree of the file. */
async function rewritten(
  number: number,
  entries: readonly BlissNode[],
  { isCut = false, ...scan }: { npoints?: number; tops: MadeDevice[]; info?: ScanInfo; isCut?: boolean },
): Promise<BlissNode> {
  const library = await hdf5Library();
  const files = new OpenFiles(library, { pid: process.pid, host: "here", started: 0, minFreeBytes: 0 });
  const writer = new ScanWriter({ files, fsync: false, warn: (message) => expect.fail(message) });
  const filename = join(folder, "data.h5");
  const [first] = entries;
  if (!first) throw new Error("a scan has an entry");
  const events = scanEvents({
    filename,
    number,
    start: seconds(memberOf(first, "writer/date").value),
    ...(isCut ? {} : { end: seconds(memberOf(first, "end_time").value) }),
    tops: scan.tops,
    info: { ...infoOf(first), npoints: scan.npoints ?? 0, plots: [], ...scan.info },
    ...(isCut ? {} : { endInfo: { positioners: positionersOf(first, ["start", "dial_start", "end", "dial_end"]) } }),
  });
  for (const event of events) if (!isCut || event.type !== "ended") writer.write(event);
  writer.flush();
  writer.close();
  return fileTree(library, filename);
}

/** Seconds since 1970, to the microsecond. */
function seconds(iso: unknown): number {
  const text = String(iso);
  return Date.parse(`${text.slice(0, 19)}Z`) / 1e3 + Number(text.slice(19, 26));
}

function infoOf(entry: BlissNode): ScanInfo {
  return {
    title: String(memberOf(entry, "title").value),
    start_timestamp: seconds(memberOf(entry, "start_time").value),
    positioners: positionersOf(entry, ["start", "dial_start"]),
    scan_meta_categories: ["positioners", "instrument", "sample", "technique"],
    instrument: { "@NX_class": "NXinstrument", name: "esrf-id00a", "name@short_name": "id00" },
    sample: { "@NX_class": "NXsample", name: "sampleA" },
    technique: { "@NX_class": "NXcollection" },
  };
}

function positionersOf(entry: BlissNode, moments: readonly string[]): ScanInfo {
  const snapshots = moments.map((moment) => {
    const positions = memberOf(entry, `instrument/positioners_${moment}`).children ?? {};
    return [
      `positioners_${moment}`,
      Object.fromEntries(Object.entries(positions).map(([name, { value }]) => [name, Number(value)])),
    ];
  });
  return { ...Object.fromEntries(snapshots), positioners_units: { samx: "mm", samy: "mm", samz: null } };
}

const dtypes: Readonly<Record<string, DType>> = { "<f8": "float64", "<i8": "int64", "<u4": "uint32" };

interface BlissDataset extends BlissNode {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly attrs: Readonly<Record<string, { readonly value: string }>>;
}

/** A channel with the values, or as many zeros, of a dataset in `instrument`. */
function channelOf(entry: BlissNode, path: string, fullname: string, more: Partial<MadeChannel> = {}): MadeChannel {
  const { dtype, shape, value, attrs } = memberOf(entry, `instrument/${path}`) as BlissDataset;
  const [npoints = 0, ...pointShape] = shape;
  const size = pointShape.reduce((one, other) => one * other, npoints);
  const values = value === undefined ? new Array<number>(size).fill(0) : ([value].flat(3) as number[]);
  const unit = attrs["units"]?.value;
  return { fullname, values, shape: pointShape, dtype: dtypes[dtype] ?? "float64", ...(unit ? { unit } : {}), ...more };
}

function counterOf(entry: BlissNode, name: string, mode: string, datasets = ["signal"]): MadeChannel[] {
  return datasets.map((dataset) => {
    const owner = `ctrl:${name}`;
    const nexus = { deviceType: "samplingcounter", owner, dataset, info: { mode } };
    return channelOf(entry, `${name}/${dataset}`, dataset === "signal" ? owner : `${owner}_${dataset}`, { nexus });
  });
}

function timerOf(entry: BlissNode, dataset: "value" | "data", slaves: readonly MadeChannel[]): MadeDevice {
  const channels = ["elapsed_time", "epoch"].map((name) => channelOf(entry, `${name}/${dataset}`, `timer:${name}`));
  return { name: "timer", channels, slaves: [{ name: "ctrl", channels: slaves }] };
}

/** What newer releases write, and we do: BLISS 1.11 leaves no trace of the reason. */
const added = ["end_reason"];

describe("the entry of a scan is that of BLISS, with end_reason besides:", () => {
  it("ascan with counters in all modes and an MCA", async () => {
    const bliss = blissEntry("hdf5-nexus-dataset-file", "1.1");
    const mca = Object.entries(memberOf(bliss, "instrument/simu1_det0").children ?? {});
    const mcaChannels = mca
      .filter(([name, { type }]) => type === "dataset" && name !== "type")
      .map(([dataset]) => {
        const nexus = { deviceType: "mca", owner: "simu1:det0", dataset };
        return channelOf(bliss, `simu1_det0/${dataset}`, `simu1:${dataset}_det0`, { nexus });
      });
    const counters = [
      ...counterOf(bliss, "diode1", "MEAN"),
      ...counterOf(bliss, "diode7", "STATS", ["signal", "N", "std", "var", "min", "max", "p2v"]),
      ...counterOf(bliss, "diode9", "SAMPLES", ["signal", "samples"]),
      ...mcaChannels,
    ];
    const axis = channelOf(bliss, "samx/value", "axis:samx");
    const tops = [{ name: "axis", channels: [axis], slaves: [timerOf(bliss, "data", counters)] }];
    const tree = await rewritten(1, [bliss], { npoints: 6, tops });
    expect(without(memberOf(tree, "1.1"), ...added)).toEqual(bliss);
  });

  it("timescan of unknown length", async () => {
    const bliss = blissEntry("hdf5-nexus-dataset-file", "5.1");
    const tops = [timerOf(bliss, "value", counterOf(bliss, "diode1", "MEAN"))];
    const tree = await rewritten(5, [bliss], { tops });
    expect(without(memberOf(tree, "5.1"), ...added)).toEqual(bliss);
  });

  it("sequence", async () => {
    const bliss = blissEntry("hdf5-nexus-dataset-file", "6.1");
    const channels = [channelOf(bliss, "scan_numbers/data", "sequence:scan_numbers")];
    const tree = await rewritten(6, [bliss], { tops: [{ name: "sequence", channels }] });
    expect(without(memberOf(tree, "6.1"), ...added)).toEqual(bliss);
  });

  it("scan with a comment and a simulated counter", async () => {
    const bliss = blissEntry("hdf5-nexus-dataset-file", "10.1");
    const note = memberOf(bliss, "notes/note_01");
    const comments = [
      { timestamp: seconds(memberOf(note, "date").value), message: String(memberOf(note, "data").value) },
    ];
    const simulated = channelOf(bliss, "sim_ct_gauss/data", "sim:sim_ct_gauss");
    const tops = [timerOf(bliss, "value", [...counterOf(bliss, "diode1", "MEAN"), simulated])];
    const tree = await rewritten(10, [bliss], { npoints: 3, tops, info: { comments } });
    expect(without(memberOf(tree, "10.1"), ...added)).toEqual(bliss);
  });

  it("metadata of the user", async () => {
    const bliss = blissEntry("hdf5-nexus-plots-file", "4.1");
    const tops = [timerOf(bliss, "value", counterOf(bliss, "diode1", "MEAN"))];
    const slits = { "@NX_class": "NXslit", gap: 0.5, "gap@units": "mm" };
    const instrument = { name: "esrf-id00a", "name@short_name": "id00", slits };
    const technique = { "@NX_class": "NXcollection", flyscan: { speed: 3 } };
    const tree = await rewritten(4, [bliss], { npoints: 3, tops, info: { instrument, technique } });
    const plotless = without(bliss, "plotselect", "all_counters", "all_counters_grid", "xrf");
    expect(memberOf(tree, "4.1").children).toEqual({ ...plotless.children, end_reason: expect.anything() });
  });

  it("two top masters, an entry each", async () => {
    const entries = ["3.1", "3.2"].map((name) => blissEntry("hdf5-nexus-plots-file", name));
    const [one, two] = entries;
    if (!one || !two) throw new Error("the vector has two entries");
    const tops = [
      timerOf(one, "value", counterOf(one, "diode1", "MEAN")),
      timerOf(two, "value", counterOf(two, "diode7", "STATS", ["signal", "N", "std", "var", "min", "max", "p2v"])),
    ];
    const tree = await rewritten(3, entries, { tops });
    // BLISS writes the entries one after the other, each with its own times
    const ignored = ["plotselect", "all_counters", "all_counters_grid", "xrf", "end_time", "end_reason", "writer/date"];
    for (const [name, bliss] of [
      ["3.1", one],
      ["3.2", two],
    ] as const) {
      const entry = memberOf(tree, name);
      expect(without(entry, ...ignored).children).toEqual(without(bliss, ...ignored).children);
    }
  });

  it("scan whose writer was killed, with the points that were flushed", async () => {
    const bliss = blissEntry("hdf5-nexus-killed-writer", "2.1");
    const values = [1, 2, 3];
    const timer = timerOf(
      bliss,
      "value",
      counterOf(bliss, "diode1", "MEAN").map((made) => ({ ...made, values })),
    );
    const tops = [{ ...timer, channels: timer.channels?.map((made) => ({ ...made, values })) ?? [] }];
    const tree = await rewritten(2, [bliss], { npoints: 60, tops, isCut: true });
    const datasets = ["diode1/signal", "elapsed_time/value", "epoch/value"].map((name) => `instrument/${name}`);
    for (const path of datasets) {
      const ours = memberOf(memberOf(tree, "2.1"), path);
      expect({ ...ours, shape: [0], value: [] }).toEqual(memberOf(bliss, path));
    }
    expect(without(memberOf(tree, "2.1"), ...datasets)).toEqual(without(bliss, ...datasets));
  });
});
