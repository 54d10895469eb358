/** Appending to HDF5 on 10 channels in blocks of several lengths: our writer beside bare h5wasm. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@beamtime/concurrency";
import type { ScanEvent, ScanIdentity, ScanInfo } from "@beamtime/core";
import { hdf5Writer } from "@beamtime/hdf5";
import h5wasm from "h5wasm/node";
import { report } from "./figure.js";
import { type Measurement, measure, rounds } from "./rounds.js";

const length = 100_000;
const names = Array.from({ length: 10 }, (_, index) => `channel${index}`);
const folder = await mkdtemp(join(tmpdir(), "beamtime-bench-"));
await h5wasm.ready;
await using writer = hdf5Writer();
let files = 0;

/** What a scan of `names` tells before its data. */
function beginning(identity: ScanIdentity): ScanEvent[] {
  const time = systemClock.epoch();
  const info: ScanInfo = { name: identity.name, title: identity.name, npoints: length, filename: identity.filename };
  const device = { id: "device", name: "device", parent: null, depth: 1, channels: names };
  const channel = { device: "device", dtype: "float64", shape: [], unit: null, reference: false } as const;
  return [
    { type: "created", version: 1, time, identity, info },
    { type: "state", time, state: "PREPARING" },
    {
      type: "devices",
      devices: [device],
      channels: names.map((name) => ({ ...channel, fullname: name, shortName: name, nodeType: "channel" })),
    },
    { type: "prepared", time, info },
    { type: "state", time, state: "STARTING" },
  ];
}

/** Our writer, in its thread. */
async function written(block: number): Promise<Measurement> {
  files += 1;
  const filename = join(folder, `ours${files}.h5`);
  const place = { session: "bench", parentPath: ["bench"], nodeName: "1_bench" };
  const identity = { name: "bench", number: 1, saved: true, filename, ...place };
  let failure: unknown;
  const sink = writer.open({
    clock: systemClock,
    fail: (error) => {
      failure = error;
    },
    warn: () => {},
  });
  for (const event of beginning(identity)) sink.push(event);
  await sink.flush();
  const measurement = await measure(async () => {
    for (let first = 0; first < length; first += block) {
      for (const channel of names.keys()) {
        const data = new Float64Array(block).fill(first);
        sink.push({ type: "data", channel, first, npoints: block, pointShape: [], data });
      }
      await sink.pressure?.();
    }
    await sink.flush();
  });
  const time = systemClock.epoch();
  sink.push({ type: "ended", time, reason: "SUCCESS", info: {} });
  sink.push({ type: "state", time, state: "DONE" });
  await sink.flush();
  await sink.close();
  if (failure) throw failure;
  return measurement;
}

/** Bare h5wasm, in this thread. */
async function appended(block: number): Promise<Measurement> {
  files += 1;
  const file = new h5wasm.File(join(folder, `bare${files}.h5`), "w");
  const datasets = names.map((name) =>
    file.create_dataset({
      name,
      data: new Float64Array(0),
      shape: [0],
      maxshape: [null],
      chunks: [length],
      dtype: "<d",
    }),
  );
  const measurement = await measure(async () => {
    for (let first = 0; first < length; first += block) {
      for (const dataset of datasets) {
        dataset.resize([first + block]);
        dataset.write_slice([[first, first + block]], new Float64Array(block).fill(first));
      }
    }
    file.flush();
  });
  file.close();
  return measurement;
}

try {
  for (const block of [100, 1000]) {
    const cost = await rounds(5, { ours: () => written(block), bare: () => appended(block) });
    const values = length * names.length;
    report({
      ...{ name: `appending to HDF5, blocks of ${block}`, unit: "values/s", value: values / cost.ours.wall },
      ...{ reference: values / cost.bare.wall, beside: "bare h5wasm", target: 0.8, better: "higher" },
    });
  }
} finally {
  await rm(folder, { recursive: true });
}
