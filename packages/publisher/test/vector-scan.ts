import type {
  ChannelDescription,
  DeviceDescription,
  InfoValue,
  ScanDataEvent,
  ScanEvent,
  ScanIdentity,
  ScanState,
} from "@beamtime/core";
import { decodeChannelData, decodeDescription, decodeEvent, decodeInfo, decodeNodeStruct } from "@beamtime/protocol";
import type { RedisVector, VectorEntry, VectorField, VectorKey } from "@beamtime/testing";

/** The events that a scan of ours tells when it does what the scan of a vector did. */
export function eventsOfVector(vector: RedisVector): ScanEvent[] {
  const keys = new Map(vector.keys.map((key) => [key.key, key]));
  const struct = (key: string) => {
    const texts = hash(keys.get(key)).map(([field, bytes]) => [field, bytes.toString()]);
    return decodeNodeStruct(Object.fromEntries(texts));
  };
  const scan = vector.keys.map(({ key }) => key).find((key) => struct(key)?.nodeType.startsWith("scan")) ?? "";
  const { state, node_name: _, ...final } = infoOf(keys.get(`${scan}_info`));
  const isEnd = ([field]: [string, unknown]): boolean => field.startsWith("end_");
  const first = { ...Object.fromEntries(Object.entries(final).filter((entry) => !isEnd(entry))), stab_time: null };
  const parts = scan.split(":");
  const nodeName = parts.at(-1) ?? "";
  const identity: ScanIdentity = {
    name: nodeName.replace(/^_?\d+_/, ""),
    number: Number(/\d+/.exec(nodeName)?.[0]),
    saved: !nodeName.startsWith("_"),
    nodeName,
    parentPath: parts.slice(0, -1),
    session: parts[0] ?? "",
    filename: final["filename"] as string,
  };

  const devices: DeviceDescription[] = [];
  const channels: (ChannelDescription & { readonly dbName: string })[] = [];
  const visit = (parent: string, parentId: string | null, depth: number): void => {
    const children = entries(keys.get(`${parent}_children_list`)).map(newNode);
    const names = children.filter((child) => struct(child)?.nodeType === "None");
    const own = children.filter((child) => !names.includes(child));
    const device = devices.find(({ id }) => id === parentId);
    for (const dbName of device ? own : []) {
      const info = infoOf(keys.get(`${dbName}_info`));
      const { nodeType } = struct(dbName) ?? {};
      // devices of one name share a node: the first has the first channel, …
      const twins = devices.filter((twin) => twin.name === device?.name && twin.parent === device.parent);
      channels.push({
        dbName,
        fullname: info["fullname"] as string,
        shortName: dbName.slice(dbName.lastIndexOf(":") + 1),
        device: twins[Math.min(own.indexOf(dbName), twins.length - 1)]?.id ?? "",
        dtype: info["dtype"] as ChannelDescription["dtype"],
        shape: info["shape"] as number[],
        unit: info["unit"] as string | null,
        reference: nodeType === "node_ref_channel",
        nodeType: nodeType as ChannelDescription["nodeType"],
      });
    }
    const made = names.map((name) => {
      const id = `${devices.length}:${name}`;
      devices.push({ id, name: name.slice(name.lastIndexOf(":") + 1), parent: parentId, depth, channels: [] });
      return { id, name };
    });
    for (const { id, name } of made.filter(
      (child, index) => made.findIndex(({ name }) => name === child.name) === index,
    )) {
      visit(name, id, depth + 1);
    }
  };
  visit(scan, null, 1);

  const events: ScanEvent[] = [
    { type: "created", version: 1, time: Number(final["start_timestamp"]), identity, info: first },
    { type: "state", time: 0, state: "PREPARING" },
    { type: "devices", devices, channels },
  ];
  for (const entry of entries(keys.get(`${scan}_prepared`))) {
    events.push({ type: "prepared", time: timeOf(entry), info: first }, { type: "state", time: 0, state: "STARTING" });
  }
  const data = channels.flatMap((channel, index) => dataOf(keys.get(`${channel.dbName}_data`), index));
  events.push(...data.toSorted((a, b) => a.first - b.first), { type: "state", time: 0, state: "STOPPING" });
  for (const entry of entries(keys.get(`${scan}_end`))) {
    const end = decodeEvent(flat(entry));
    const exception = end.type === "END_SCAN" ? end.exception : "";
    events.push({
      type: "ended",
      time: timeOf(entry),
      reason: exception === "" ? "SUCCESS" : exception.includes("ScanAbort") ? "USER_ABORT" : "FAILURE",
      error: { name: "RuntimeError", message: "it broke" },
      info: final,
    });
  }
  return [...events, { type: "state", time: 0, state: state as ScanState }];
}

function dataOf(key: VectorKey | undefined, channel: number): ScanDataEvent[] {
  return entries(key).map((entry) => {
    const event = decodeEvent(flat(entry));
    if (event.type !== "CHANNELDATA") throw new Error(`${event.type} in a data stream`);
    const { npoints, description, data } = event;
    const values = decodeChannelData(data, decodeDescription(description), npoints);
    const first = Number(entry.id.replace("-0", "")) - 1;
    return { type: "data", channel, first, npoints, pointShape: values.shape.slice(1), data: values.data };
  });
}

function newNode(entry: VectorEntry): string {
  const event = decodeEvent(flat(entry));
  return event.type === "NEW_NODE" ? event.dbName : "";
}

function timeOf(entry: VectorEntry): number {
  const event = decodeEvent(flat(entry));
  return "timestamp" in event ? (event.timestamp ?? 0) : 0;
}

function infoOf(key: VectorKey | undefined): { [field: string]: InfoValue } {
  return decodeInfo(hash(key)).values as { [field: string]: InfoValue }; // what scans write there
}

function hash(key: VectorKey | undefined): [string, Buffer][] {
  return key?.type === "hash" ? key.fields.map(({ field, b64 }) => [field, Buffer.from(b64, "base64")]) : [];
}

function entries(key: VectorKey | undefined): readonly VectorEntry[] {
  return key?.type === "stream" ? key.entries : [];
}

function flat({ fields }: { fields: readonly VectorField[] }): (string | Uint8Array)[] {
  return fields.flatMap(({ field, b64 }) => [field, Buffer.from(b64, "base64")]);
}
