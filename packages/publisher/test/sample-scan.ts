import { Gate, systemClock } from "@beamtime/concurrency";
import type {
  ChannelDescription,
  ScanCreatedEvent,
  ScanDataEvent,
  ScanDevicesEvent,
  ScanEvent,
  ScanInfo,
  ScanSink,
} from "@beamtime/core";
import { type PublisherOptions, redisPublisher } from "@beamtime/publisher";
import type { RedisConnection } from "@beamtime/redis";

/** Node of the sample scan. */
export const scanNode = "demo:tmp:1_ascan";

/** Key of the data of a channel of the sample scan. */
export const dataKey = (channel: number): string => `${scanNode}:timer:c${channel}_data`;

export const info: ScanInfo = { title: "ascan", npoints: 0, count_time: 1, sleep_time: null };

export const created: ScanCreatedEvent = {
  type: "created",
  version: 1,
  time: 1000,
  identity: {
    name: "ascan",
    number: 1,
    saved: true,
    nodeName: "1_ascan",
    parentPath: ["demo", "tmp"],
    session: "demo",
    filename: "/tmp/data.h5",
  },
  info,
};

/** A timer with channels c0, c1, … of scalars, unless a channel says otherwise. */
export function devices(channels: readonly Partial<ChannelDescription>[]): ScanDevicesEvent {
  const complete = channels.map((channel, index): ChannelDescription => {
    const defaults = {
      fullname: `timer:c${index}`,
      shortName: `c${index}`,
      device: "1:timer",
      dtype: "float64" as const,
    };
    return { ...defaults, shape: [], unit: null, reference: false, nodeType: "channel", ...channel };
  });
  const names = complete.map(({ fullname }) => fullname);
  const timer = { id: "1:timer", name: "timer", parent: null, depth: 1, channels: names };
  return { type: "devices", devices: [timer], channels: complete };
}

/** Everything up to the first point, for a scan with so many scalar channels. */
export function beginning(channels: number): ScanEvent[] {
  return [
    created,
    { type: "state", time: 1000, state: "PREPARING" },
    devices(Array.from({ length: channels }, () => ({}))),
    { type: "prepared", time: 1001, info },
    { type: "state", time: 1001, state: "STARTING" },
  ];
}

/** One scalar point, whose value is its index. */
export function point(channel: number, first: number): ScanDataEvent {
  return { type: "data", channel, first, npoints: 1, pointShape: [], data: Float64Array.of(first) };
}

/** Everything after the last point. */
export const ending: ScanEvent[] = [
  { type: "state", time: 1002, state: "STOPPING" },
  { type: "ended", time: 1002, reason: "SUCCESS", info },
  { type: "state", time: 1002, state: "DONE" },
];

/** A publisher of one scan with what it reported. */
export interface SampleSink extends ScanSink, AsyncDisposable {
  readonly failures: Error[];
  readonly warnings: string[];
  /** Resolves when the sink has failed. */
  failed(): Promise<void>;
  pushAll(events: readonly ScanEvent[]): void;
  pressure(): Promise<void> | undefined;
}

export function openSink(connection: RedisConnection, options?: PublisherOptions): SampleSink {
  const failures: Error[] = [];
  const warnings: string[] = [];
  const failed = new Gate();
  const sink = redisPublisher(connection, options).open({
    clock: systemClock,
    fail: (error) => {
      failures.push(error as Error); // the test looks at what it is
      failed.open();
    },
    warn: (message) => warnings.push(message),
  });
  return {
    failures,
    warnings,
    failed: () => failed.wait(),
    push: (event) => sink.push(event),
    pushAll: (events) => {
      for (const event of events) sink.push(event);
    },
    pressure: () => sink.pressure?.(),
    flush: (options) => sink.flush(options),
    close: () => sink.close(),
    [Symbol.asyncDispose]: () => sink.close(),
  };
}

/** Index and number of points of each entry of a channel. */
export async function entriesOf(
  { client }: RedisConnection,
  channel: number,
): Promise<[first: number, npoints: number][]> {
  const entries = await client.xrange(dataKey(channel), "-", "+");
  return entries.map(([id, fields]) => [
    Number(id.replace("-0", "")) - 1,
    Number(fields[fields.indexOf("__NPOINTS__") + 1]),
  ]);
}
