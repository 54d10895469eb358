import type {
  ChannelDescription,
  DeviceDescription,
  NexusRole,
  ScanEndReason,
  ScanEvent,
  ScanInfo,
} from "@beamtime/core";
import { type ArrayData, allocateData, type DType, sizeOfShape } from "@beamtime/protocol";

/** A channel and all its points. */
export interface MadeChannel {
  readonly fullname: string;
  readonly values: ArrayData | readonly number[];
  /** Shape of a point. Default a scalar. */
  readonly shape?: readonly number[];
  /** Default float64. */
  readonly dtype?: DType;
  readonly unit?: string;
  readonly nexus?: NexusRole;
}

/** A device, and what it triggers. */
export interface MadeDevice {
  readonly name: string;
  readonly channels?: readonly MadeChannel[];
  readonly slaves?: readonly MadeDevice[];
}

export interface MadeScan {
  readonly filename: string;
  readonly number?: number;
  readonly saved?: boolean;
  readonly info?: ScanInfo;
  /** What the info says in the end besides. */
  readonly endInfo?: ScanInfo;
  readonly tops?: readonly MadeDevice[];
  /** Points of a data event. Default 1. */
  readonly block?: number;
  /** Seconds since 1970. */
  readonly start?: number;
  readonly end?: number;
  readonly reason?: ScanEndReason;
}

/** The counter of a usual scan. */
export function samplingCounter(fullname: string, values: readonly number[]): MadeChannel {
  const nexus = { deviceType: "samplingcounter", owner: fullname, dataset: "signal", info: { mode: "MEAN" } };
  return { fullname, values, nexus };
}

/** An axis that is stepped, a timer and a diode. */
export function stepScan(npoints: number): MadeDevice[] {
  const range = (step: number): number[] => Array.from({ length: npoints }, (_, index) => index * step);
  const counters = { name: "counters", channels: [samplingCounter("ctrl:diode", range(10))] };
  const timer = {
    name: "timer",
    channels: [
      { fullname: "timer:elapsed_time", values: range(0.1), unit: "s" },
      { fullname: "timer:epoch", values: range(0.1), unit: "s" },
    ],
    slaves: [counters],
  };
  return [{ name: "axis", channels: [{ fullname: "axis:samx", values: range(1), unit: "mm" }], slaves: [timer] }];
}

/** The events of a scan, as an engine would tell them. */
export function scanEvents(scan: MadeScan): ScanEvent[] {
  const { filename, number = 1, saved = true, start = 1_795_233_024, end = start + 1, reason = "SUCCESS" } = scan;
  const info: ScanInfo = { title: "a scan", start_timestamp: start, ...scan.info };
  const { devices, channels, blocks } = describe(scan.tops ?? [], scan.block ?? 1);
  const identity = { name: "scan", number, saved, nodeName: `${number}_scan`, parentPath: ["test"], session: "test" };
  return [
    { type: "created", version: 1, time: start, identity: { ...identity, filename }, info },
    { type: "state", time: start, state: "PREPARING" },
    { type: "devices", devices, channels },
    { type: "prepared", time: start, info },
    { type: "state", time: start, state: "STARTING" },
    ...blocks,
    { type: "state", time: end, state: "STOPPING" },
    { type: "ended", time: end, reason, info: { ...info, ...scan.endInfo } },
    {
      type: "state",
      time: end,
      state: reason === "USER_ABORT" ? "USER_ABORTED" : reason === "FAILURE" ? "KILLED" : "DONE",
    },
  ];
}

function describe(tops: readonly MadeDevice[], block: number) {
  const devices: DeviceDescription[] = [];
  const channels: ChannelDescription[] = [];
  const made: MadeChannel[] = [];
  const visit = (device: MadeDevice, parent: string | null, depth: number): void => {
    const id = `${devices.length + 1}:${device.name}`;
    const own = device.channels ?? [];
    devices.push({ id, name: device.name, parent, depth, channels: own.map(({ fullname }) => fullname) });
    for (const channel of own) {
      made.push(channel);
      channels.push(description(channel, id));
    }
    for (const slave of device.slaves ?? []) visit(slave, id, depth + 1);
  };
  for (const top of tops) visit(top, null, 1);
  return { devices, channels, blocks: interleaved(made.map((channel, index) => dataEvents(channel, index, block))) };
}

function description(channel: MadeChannel, device: string): ChannelDescription {
  const { fullname, dtype = "float64", shape = [], unit = null, nexus } = channel;
  const shortName = fullname.slice(fullname.lastIndexOf(":") + 1);
  const plain = { fullname, shortName, device, dtype, shape, unit, reference: false, nodeType: "channel" as const };
  return nexus ? { ...plain, nexus } : plain;
}

function dataEvents(
  { values, dtype = "float64", shape = [] }: MadeChannel,
  channel: number,
  block: number,
): ScanEvent[] {
  const size = sizeOfShape(shape);
  const events: ScanEvent[] = [];
  for (let first = 0; first * size < values.length; first += block) {
    const part = values.slice(first * size, (first + block) * size);
    const data = allocateData(dtype, part.length);
    part.forEach((value, index) => {
      data[index] = dtype === "int64" ? BigInt(value) : value;
    });
    events.push({ type: "data", channel, first, npoints: part.length / size, pointShape: shape, data });
  }
  return events;
}

/** One of each, then the next of each. */
function interleaved(lists: readonly ScanEvent[][]): ScanEvent[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, index) => lists.flatMap((list) => list[index] ?? [])).flat();
}
