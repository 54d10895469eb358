import type { ScanInfo } from "@beamtime/core";
import type { DType } from "@beamtime/protocol";
import { hdf5Library } from "../src/hdf5-library.js";
import { OpenFiles } from "../src/open-files.js";
import { ScanWriter } from "../src/scan-writer.js";
import { type BlissNode, memberOf } from "./bliss-tree.js";
import { type MadeChannel, type MadeDevice, scanEvents } from "./made-scan.js";

export interface RewrittenScan {
  readonly number: number;
  readonly npoints?: number;
  readonly tops: readonly MadeDevice[];
  readonly info?: ScanInfo;
  /** The writer dies before the end. */
  readonly isCut?: boolean;
}

/** Writes a scan of BLISS again, with the texts, times and positions that are in its first entry. */
export async function rewriteScan(
  filename: string,
  entry: BlissNode,
  { number, npoints = 0, tops, info, isCut = false }: RewrittenScan,
): Promise<void> {
  const library = await hdf5Library();
  const files = new OpenFiles(library, { pid: process.pid, host: "here", started: 0, minFreeBytes: 0 });
  const warn = (message: string): void => {
    throw new Error(`unexpected warning: ${message}`);
  };
  const writer = new ScanWriter({ files, fsync: false, warn });
  const events = scanEvents({
    filename,
    number,
    start: seconds(memberOf(entry, "writer/date").value),
    ...(isCut ? {} : { end: seconds(memberOf(entry, "end_time").value) }),
    tops,
    info: { ...infoOf(entry), npoints, plots: [], ...info },
    ...(isCut ? {} : { endInfo: { positioners: positionersOf(entry, ["start", "dial_start", "end", "dial_end"]) } }),
  });
  for (const event of events) if (!isCut || event.type !== "ended") writer.write(event);
  writer.flush();
  writer.close();
}

/** Seconds since 1970, to the microsecond. */
export function seconds(iso: unknown): number {
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

/** A channel with the values, or as many zeros, of a dataset in `instrument`. */
export function channelOf(
  entry: BlissNode,
  path: string,
  fullname: string,
  more: Partial<MadeChannel> = {},
): MadeChannel {
  const { dtype = "", shape = [], value, attrs = {} } = memberOf(entry, `instrument/${path}`);
  const [npoints = 0, ...pointShape] = shape;
  const size = pointShape.reduce((one, other) => one * other, npoints);
  const values = value === undefined ? new Array<number>(size).fill(0) : ([value].flat(3) as number[]);
  const units = attrs["units"];
  const unit = units && { unit: String(units.value) };
  return { fullname, values, shape: pointShape, dtype: dtypes[dtype] ?? "float64", ...unit, ...more };
}

/** A sampling counter, with the datasets of its mode. */
export function counterOf(entry: BlissNode, name: string, mode: string, datasets = ["signal"]): MadeChannel[] {
  return datasets.map((dataset) => {
    const owner = `ctrl:${name}`;
    const nexus = { deviceType: "samplingcounter", owner, dataset, info: { mode } };
    return channelOf(entry, `${name}/${dataset}`, dataset === "signal" ? owner : `${owner}_${dataset}`, { nexus });
  });
}

/** The timer of a scan, and what it triggers. */
export function timerOf(entry: BlissNode, dataset: "value" | "data", slaves: readonly MadeChannel[]): MadeDevice {
  const channels = ["elapsed_time", "epoch"].map((name) => channelOf(entry, `${name}/${dataset}`, `timer:${name}`));
  return { name: "timer", channels, slaves: [{ name: "ctrl", channels: slaves }] };
}

/** The ascan of the vectors: counters in all modes, and an MCA. */
export function ascanOf(entry: BlissNode): MadeDevice[] {
  const mca = Object.entries(memberOf(entry, "instrument/simu1_det0").children ?? {});
  const mcaChannels = mca
    .filter(([name, { type }]) => type === "dataset" && name !== "type")
    .map(([dataset]) => {
      const nexus = { deviceType: "mca", owner: "simu1:det0", dataset };
      return channelOf(entry, `simu1_det0/${dataset}`, `simu1:${dataset}_det0`, { nexus });
    });
  const counters = [
    ...counterOf(entry, "diode1", "MEAN"),
    ...counterOf(entry, "diode7", "STATS", ["signal", "N", "std", "var", "min", "max", "p2v"]),
    ...counterOf(entry, "diode9", "SAMPLES", ["signal", "samples"]),
    ...mcaChannels,
  ];
  const axis = channelOf(entry, "samx/value", "axis:samx");
  return [{ name: "axis", channels: [axis], slaves: [timerOf(entry, "data", counters)] }];
}
