// Writes a scan without end, a point a turn, and tells the number of points of each flush that is done.
import { writeSync } from "node:fs";
import { systemClock } from "@beamtime/concurrency";
import { hdf5Writer } from "@beamtime/hdf5";

const filename = process.argv[2];
const names = ["axis:samx", ...Array.from({ length: 20 }, (_, index) => `ctrl:diode${index}`)];
const description = (fullname) => ({
  fullname,
  shortName: fullname.split(":")[1],
  device: fullname.startsWith("axis") ? "1:axis" : "2:ctrl",
  dtype: "float64",
  shape: [],
  unit: null,
  reference: false,
  nodeType: "channel",
});

async function scan(number, count, flushed) {
  const sink = writer.open({
    clock: systemClock,
    fail: (error) => writeSync(1, `failed ${error.message}\n`),
    warn: (message) => writeSync(1, `warning ${message}\n`),
  });
  const identity = {
    name: "scan",
    number,
    saved: true,
    nodeName: `${number}_scan`,
    parentPath: [],
    session: "s",
    filename,
  };
  const info = { title: "endless" };
  sink.push({ type: "created", version: 1, time: 0, identity, info });
  const devices = [
    { id: "1:axis", name: "axis", parent: null, depth: 1, channels: names.slice(0, 1) },
    { id: "2:ctrl", name: "ctrl", parent: "1:axis", depth: 2, channels: names.slice(1) },
  ];
  sink.push({ type: "devices", devices, channels: names.map(description) });
  sink.push({ type: "prepared", time: 0, info });
  await sink.flush();
  for (let first = 0; first < count; first++) {
    names.forEach((_, channel) => {
      sink.push({ type: "data", channel, first, npoints: 1, pointShape: [], data: Float64Array.of(first) });
    });
    if (first % 100 === 99) {
      await sink.flush();
      flushed(first + 1);
    }
  }
  sink.push({ type: "ended", time: 0, reason: "SUCCESS", info });
  await sink.flush();
  await sink.close();
}

const writer = hdf5Writer({ flushInterval: 0.02 });
try {
  await scan(1, 300, () => {});
  await scan(2, Number.POSITIVE_INFINITY, (points) => writeSync(1, `flushed ${points}\n`));
} catch (error) {
  writeSync(1, `rejected ${error.message}\n`);
}
await writer[Symbol.asyncDispose]();
writeSync(1, "over\n");
