import { readFileSync } from "node:fs";
import type { ChannelDescription, DeviceDescription, NexusRole } from "@beamtime/core";
import { describe, expect, it } from "vitest";
import { entryLayouts } from "./entry-layout.js";

interface DeviceCase {
  readonly case: string;
  readonly chain: Record<string, { channels: string[]; triggered_devices?: string[] }>;
  readonly writer_devices: Record<string, string>;
  readonly result: Record<
    string,
    { group: string; dataset: string; alias: string | null; link: string; nx_class: string }
  >;
}

const { devices: cases } = JSON.parse(
  readFileSync(new URL("../../../tooling/vectors/hdf5-cases.json", import.meta.url), "utf8"),
) as { devices: DeviceCase[] };

/** BLISS derives these roles from names and device types; here the device tells its own. */
const mcaDatasets: Record<string, string> = {
  spectrum: "spectrum",
  icr: "trigger_count_rate",
  ocr: "event_count_rate",
  deadtime: "fractional_dead_time",
  realtime: "elapsed_time",
  energy_livetime: "live_time",
  trigger_livetime: "trigger_live_time",
  triggers: "triggers",
  events: "events",
};

function role(fullname: string, deviceType: string | undefined): NexusRole | undefined {
  const [controller = "", ...rest] = fullname.split(":");
  const name = rest.at(-1) ?? "";
  if (deviceType === "samplingcounter") {
    const [counter = "", suffix] = name.split("_");
    return { deviceType, owner: `${controller}:${counter}`, dataset: suffix ?? "signal" };
  }
  if (deviceType === "mca") {
    const [, statistic = name, element = "sum"] = /^(.*)_(det\d+)$/.exec(name) ?? [];
    return { deviceType, owner: `${controller}:${element}`, dataset: mcaDatasets[statistic] ?? statistic };
  }
  if (deviceType === "mythen") return { deviceType, owner: controller, dataset: name };
  if (deviceType !== "lima") return undefined;
  if (rest.length === 1) return { deviceType, owner: controller, dataset: name };
  if (rest[0] === "bpm") return { deviceType, owner: `${controller}:bpm`, dataset: name };
  const [roi = "", statistic = "sum"] = name.split("_");
  return { deviceType, owner: `${controller}:${roi}`, dataset: statistic };
}

function described(item: Pick<DeviceCase, "chain" | "writer_devices">) {
  const devices: DeviceDescription[] = [];
  const channels: ChannelDescription[] = [];
  for (const [id, { channels: names }] of Object.entries(item.chain)) {
    const parent = devices.at(-1)?.id ?? null;
    devices.push({ id, name: id.slice(2), parent, depth: devices.length + 1, channels: names });
    for (const fullname of names) channels.push(channel(fullname, id, role(fullname, item.writer_devices[fullname])));
  }
  return { devices, channels };
}

function channel(fullname: string, device: string, nexus?: NexusRole): ChannelDescription {
  return {
    fullname,
    shortName: fullname.slice(fullname.lastIndexOf(":") + 1),
    device,
    dtype: "float64",
    shape: [],
    unit: null,
    reference: false,
    nodeType: "channel",
    ...(nexus && { nexus }),
  };
}

describe("entryLayouts", () => {
  // an option of the writer of BLISS that is off by default
  const implemented = cases.filter((item) => !item.case.includes("multivalue positioners"));

  it.each(implemented)("places the channels of $case as BLISS does", (item) => {
    const [layout] = entryLayouts(described(item));
    const places = layout?.datasets.map(({ description, group, dataset, link, main, positioner }) => [
      description.fullname,
      {
        group,
        dataset,
        alias: main && !positioner && dataset !== "data" ? "data" : null,
        link,
        nx_class: layout.groups.find(({ name }) => name === group)?.nxClass,
      },
    ]);
    const wanted = Object.entries(item.result).map(([name, { group, dataset, alias, link, nx_class }]) => [
      name,
      { group, dataset, alias, link, nx_class },
    ]);
    expect(places).toEqual(wanted);
  });

  it("makes an entry of each top master, with the channels below it", () => {
    const devices = ["1:timer", "2:timer"].flatMap((id) => [
      { id, name: "timer", parent: null, depth: 1, channels: [`t${id}`] },
      { id: `${id}c`, name: "c", parent: id, depth: 2, channels: [`c${id}`] },
    ]);
    const channels = devices.flatMap(({ id, channels: names }) => names.map((name) => channel(name, id)));
    expect(
      entryLayouts({ devices, channels }).map(({ datasets }) => datasets.map((dataset) => dataset.channel)),
    ).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  it("gives no link to references, which are no data", () => {
    const devices = [{ id: "1:cam", name: "cam", parent: null, depth: 1, channels: ["cam:image"] }];
    const [layout] = entryLayouts({ devices, channels: [{ ...channel("cam:image", "1:cam"), reference: true }] });
    expect(layout?.datasets[0]?.link).toBeNull();
  });

  it("calls a master without slaves a detector: it positions nothing", () => {
    const devices = [{ id: "1:seq", name: "seq", parent: null, depth: 1, channels: ["seq:scan_numbers"] }];
    const [layout] = entryLayouts({ devices, channels: [channel("seq:scan_numbers", "1:seq")] });
    expect(layout?.groups[0]).toMatchObject({ name: "scan_numbers", nxClass: "NXdetector" });
  });

  it("names a group by the alias, and keeps apart names that HDF5 would write alike", () => {
    const devices = [
      { id: "1:c", name: "c", parent: null, depth: 1, channels: ["c:a", "c:b b", "c:b-b", "c:positioners"] },
    ];
    const channels = (devices[0]?.channels ?? []).map((name) => channel(name, "1:c"));
    const aliased = channels.map((description) =>
      description.fullname === "c:a" ? { ...description, shortName: "mon" } : description,
    );
    const [layout] = entryLayouts({ devices, channels: aliased });
    expect(layout?.groups.map(({ name }) => name)).toEqual(["mon", "b_b", "b_b_2", "positioners_2"]);
  });
});
