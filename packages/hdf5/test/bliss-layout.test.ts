import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileTree } from "../src/file-tree.js";
import { hdf5Library } from "../src/hdf5-library.js";
import { ascanOf, channelOf, counterOf, type RewrittenScan, rewriteScan, seconds, timerOf } from "./bliss-scan.js";
import { type BlissAttributes, type BlissNode, blissEntry, blissFile, memberOf, without } from "./bliss-tree.js";

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

async function rewritten(entry: BlissNode, scan: RewrittenScan): Promise<BlissNode> {
  const filename = join(folder, "data.h5");
  await rewriteScan(filename, entry, scan);
  return fileTree(await hdf5Library(), filename);
}

/** What newer releases write, and we do: BLISS 1.11 leaves no trace of the reason. */
const added = ["end_reason"];

describe("the entry of a scan is that of BLISS, with end_reason besides:", () => {
  it("ascan with counters in all modes and an MCA", async () => {
    const bliss = blissEntry("hdf5-nexus-dataset-file", "1.1");
    const tree = await rewritten(bliss, { number: 1, npoints: 6, tops: ascanOf(bliss) });
    expect(without(memberOf(tree, "1.1"), ...added)).toEqual(bliss);
  });

  it("timescan of unknown length", async () => {
    const bliss = blissEntry("hdf5-nexus-dataset-file", "5.1");
    const tops = [timerOf(bliss, "value", counterOf(bliss, "diode1", "MEAN"))];
    const tree = await rewritten(bliss, { number: 5, tops });
    expect(without(memberOf(tree, "5.1"), ...added)).toEqual(bliss);
  });

  it("sequence", async () => {
    const bliss = blissEntry("hdf5-nexus-dataset-file", "6.1");
    const channels = [channelOf(bliss, "scan_numbers/data", "sequence:scan_numbers")];
    const tree = await rewritten(bliss, { number: 6, tops: [{ name: "sequence", channels }] });
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
    const tree = await rewritten(bliss, { number: 10, npoints: 3, tops, info: { comments } });
    expect(without(memberOf(tree, "10.1"), ...added)).toEqual(bliss);
  });

  it("metadata of the user", async () => {
    const bliss = blissEntry("hdf5-nexus-plots-file", "4.1");
    const tops = [timerOf(bliss, "value", counterOf(bliss, "diode1", "MEAN"))];
    const slits = { "@NX_class": "NXslit", gap: 0.5, "gap@units": "mm" };
    const instrument = { name: "esrf-id00a", "name@short_name": "id00", slits };
    const technique = { "@NX_class": "NXcollection", flyscan: { speed: 3 } };
    const tree = await rewritten(bliss, { number: 4, npoints: 3, tops, info: { instrument, technique } });
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
    const tree = await rewritten(one, { number: 3, tops });
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
    const tree = await rewritten(bliss, { number: 2, npoints: 60, tops, isCut: true });
    const datasets = ["diode1/signal", "elapsed_time/value", "epoch/value"].map((name) => `instrument/${name}`);
    for (const path of datasets) {
      const ours = memberOf(memberOf(tree, "2.1"), path);
      expect({ ...ours, shape: [0], value: [] }).toEqual(memberOf(bliss, path));
    }
    expect(without(memberOf(tree, "2.1"), ...datasets)).toEqual(without(bliss, ...datasets));
  });

  it("file, whose attributes name us in the place of BLISS", async () => {
    const bliss = blissEntry("hdf5-nexus-dataset-file", "6.1");
    const channels = [channelOf(bliss, "scan_numbers/data", "sequence:scan_numbers")];
    const info = { publisher_version: "1.11.4" };
    const tree = await rewritten(bliss, { number: 6, tops: [{ name: "sequence", channels }], info });
    const { h5py_version, ...wanted } = blissFile("hdf5-nexus-dataset-file").attrs ?? {};
    expect(h5py_version).toBeDefined();
    expect(tree).toMatchObject({ attrs: { NX_class: { value: "NXroot" }, default: { value: "6.1" } } });
    const typesOf = (attributes: BlissAttributes = {}) =>
      Object.fromEntries(Object.entries(attributes).map(([name, { dtype, shape }]) => [name, { dtype, shape }]));
    expect(typesOf(tree.attrs)).toEqual(typesOf(wanted));
  });
});
