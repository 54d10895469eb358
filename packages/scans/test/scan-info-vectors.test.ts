import { readFile } from "node:fs/promises";
import { simulatedDiode } from "@beamtime/controller-simulation";
import type { Scan } from "@beamtime/core";
import { expect, it } from "vitest";
import { type VirtualBeamline, virtualBeamline } from "./virtual-beamline.js";

interface VectorFile {
  readonly keys: readonly { readonly key: string; readonly fields?: readonly { field: string; repr: string }[] }[];
}

/** Fields that a scan command decides; the others come from the session, the sinks and the time. */
const decided = [
  "title",
  "type",
  "npoints",
  "count_time",
  "start",
  "stop",
  "npoints1",
  "npoints2",
  "data_dim",
  "plots",
];

/** scan_info as BLISS 1.11.4 wrote it: its printed form, without what Python alone prints. */
async function blissInfo(file: string): Promise<Record<string, unknown>> {
  const url = new URL(`../../../tooling/vectors/${file}`, import.meta.url);
  const { keys } = JSON.parse(await readFile(url, "utf8")) as VectorFile; // our own fixture
  const fields = keys.find(({ fields }) => fields?.some(({ field }) => field === "scan_nb"))?.fields ?? [];
  const wanted = fields.filter(({ field }) => ["channels", "_display_extra", "save", ...decided].includes(field));
  return Object.fromEntries(wanted.map(({ field, repr }) => [field, JSON.parse(toJson(repr))]));
}

function toJson(repr: string): string {
  return repr.replaceAll("'", '"').replaceAll("True", "true").replaceAll("False", "false").replaceAll("None", "null");
}

/** Without the ids of devices, which differ from scan to scan. */
function withoutIds(channels: unknown): unknown {
  return JSON.parse(JSON.stringify(channels, (key, value: unknown) => (key === "device" ? undefined : value)));
}

const cases: [string, (beamline: VirtualBeamline) => Promise<Scan>][] = [
  ["redis-scan.json", ({ ascan, roby, diode }) => ascan(roby, 0, 2, 2, 0.01, diode)],
  [
    "redis-amesh.json",
    ({ amesh, roby, robz, diode, clock }) =>
      amesh(roby, 0, 1, 1, robz, 0, 2, 2, 0.01, diode, simulatedDiode({ name: "diode2", clock })),
  ],
  ["redis-ct.json", ({ ct, diode }) => ct(0.01, diode)],
];

it.each(cases)("tells in scan_info exactly what BLISS tells: %s", async (file, command) => {
  const beamline = await virtualBeamline();
  const { scanInfo } = await beamline.clock.run(command(beamline));
  const expected = await blissInfo(file);
  const told = Object.fromEntries(Object.keys(expected).map((key) => [key, scanInfo[key]]));
  expect({ ...told, channels: withoutIds(told["channels"]) }).toEqual({
    ...expected,
    channels: withoutIds(expected["channels"]),
  });
  for (const key of decided) expect(key in scanInfo, key).toBe(key in expected);
});
