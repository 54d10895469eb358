import type { ChannelDescription, DeviceDescription, ScanDevicesEvent } from "@beamtime/core";
import { dtypeClass, pyTuple } from "@beamtime/protocol";
import type { NewNode } from "./node-tree.js";

/** The nodes below a scan. */
export interface DeviceTree {
  /** Each device followed by its channels. */
  readonly nodes: readonly NewNode[];
  /** Level by level, devices before their channels: a parent always before its children. */
  readonly announced: readonly NewNode[];
  /** Nodes of the channels, in the order of the event. */
  readonly channels: readonly NewNode[];
}

/**
 * Lays out the devices and channels of a scan as nodes.
 *
 * Two devices of one name below the same parent share a node, which is announced twice, as BLISS does. Two channels
 * never share one, since their points would mix: the second is told apart by a number.
 */
export function deviceTree(scan: string, { devices, channels }: ScanDevicesEvent): DeviceTree {
  const byId = new Map<string, NewNode>();
  for (const device of devices) {
    const parent = (device.parent === null ? undefined : byId.get(device.parent)?.dbName) ?? scan;
    byId.set(device.id, { dbName: `${parent}:${device.name}`, type: "None", name: device.name, parent });
  }
  const taken = new Set([...byId.values()].map(({ dbName }) => dbName));
  const channelNodes = channels.map((channel) => channelNode(channel, byId.get(channel.device)?.dbName ?? scan, taken));
  const channelsOf = ({ id }: DeviceDescription): NewNode[] =>
    channelNodes.filter((_, index) => channels[index]?.device === id);
  const nodesOf = (device: DeviceDescription): NewNode[] => {
    const node = byId.get(device.id);
    return node ? [node] : [];
  };
  const depths = [...new Set(devices.map(({ depth }) => depth))].toSorted((a, b) => a - b);
  const levels = depths.map((depth) => devices.filter((device) => device.depth === depth));
  return {
    nodes: devices.flatMap((device) => [...nodesOf(device), ...channelsOf(device)]),
    announced: levels.flatMap((level) => [...level.flatMap(nodesOf), ...level.flatMap(channelsOf)]),
    channels: channelNodes,
  };
}

function channelNode(channel: ChannelDescription, parent: string, taken: Set<string>): NewNode {
  const { nodeType: type, fullname, shortName, shape, dtype, unit } = channel;
  let dbName = `${parent}:${shortName}`;
  for (let number = 1; taken.has(dbName); number++) dbName = `${parent}:${shortName}_${number}`;
  taken.add(dbName);
  const info = { shape: pyTuple(shape), dtype: dtypeClass(dtype), fullname, unit, node_name: dbName };
  return { dbName, type, name: fullname, parent, info };
}
