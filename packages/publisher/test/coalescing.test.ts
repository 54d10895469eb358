import { decodeChannelData, decodeDescription, decodeEvent } from "@beamtime/protocol";
import { PublisherOverflowError } from "@beamtime/publisher";
import { startTestRedis, type TestRedis } from "@beamtime/testing";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import {
  beginning,
  created,
  dataKey,
  devices,
  ending,
  entriesOf,
  openSink,
  point,
  type SampleSink,
} from "./sample-scan.js";

let redis: TestRedis;

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.flush());

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Calls of scripts that the server has answered. */
async function scriptCalls(): Promise<number> {
  const stats = await redis.connection.client.info("commandstats");
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}

/** A sink that has written everything up to the first point. */
async function begun(channels: number, options?: Parameters<typeof openSink>[1]): Promise<SampleSink> {
  const sink = openSink(redis.connection, options);
  sink.pushAll(beginning(channels));
  await sink.flush();
  return sink;
}

/** Freezes the server with one point on its way. */
async function freeze(sink: SampleSink): Promise<void> {
  redis.server.pause();
  sink.push(point(0, 0));
  await turn();
  await turn();
}

it("writes a point at once when nothing is under way, all its channels in one command", async () => {
  const reader = await redis.connect();
  await using sink = await begun(8);
  const before = await scriptCalls();
  const reading = reader.client.xread("BLOCK", 0, "STREAMS", dataKey(7), "0-1");
  for (let channel = 0; channel < 8; channel++) sink.push(point(channel, 0));
  expect(await reading).not.toBeNull();
  expect((await scriptCalls()) - before).toBe(1);
  for (let channel = 0; channel < 8; channel++) expect(await entriesOf(redis.connection, channel)).toEqual([[0, 1]]);
});

it("puts what comes while a write is under way into one command, points of a channel into one entry", async () => {
  await using sink = await begun(2);
  const before = await scriptCalls();
  await freeze(sink);
  for (let first = 0; first < 100; first++) {
    if (first > 0) sink.push(point(0, first));
    sink.push(point(1, first));
  }
  redis.server.resume();
  await sink.flush();
  expect((await scriptCalls()) - before).toBe(2);
  expect(await entriesOf(redis.connection, 0)).toEqual([
    [0, 1],
    [1, 99],
  ]);
  expect(await entriesOf(redis.connection, 1)).toEqual([[0, 100]]);
});

it("merges spectra and texts, but no references, no large points, no points of other lengths", async () => {
  await using sink = openSink(redis.connection);
  sink.push(created);
  sink.push(
    devices([
      { dtype: "uint32", shape: [4] },
      { dtype: "string" },
      { dtype: "string", reference: true, nodeType: "node_ref_channel" },
      { dtype: "float64", shape: [20_000] },
      { dtype: "int32", shape: [2] },
      { nodeType: "lima", reference: true, shape: [-1, -1], dtype: "string" },
    ]),
  );
  for (let first = 0; first < 3; first++) {
    const next = { type: "data", first, npoints: 1 } as const;
    sink.push({ ...next, channel: 0, pointShape: [4], data: Uint32Array.of(first, 1, 2, 3) });
    sink.push({ ...next, channel: 1, pointShape: [], data: ["a".repeat(first + 1)] });
    sink.push({ ...next, channel: 2, pointShape: [], data: [`scan ${first}`] });
    sink.push({ ...next, channel: 3, pointShape: [20_000], data: new Float64Array(20_000) });
    sink.push({ ...next, channel: 4, pointShape: [first + 1], data: new Int32Array(first + 1) });
    sink.push({ ...next, channel: 5, pointShape: [], data: ["image"] });
  }
  await sink.flush();
  expect(await entriesOf(redis.connection, 0)).toEqual([[0, 3]]);
  expect(await entriesOf(redis.connection, 1)).toEqual([[0, 3]]);
  for (const channel of [2, 3, 4])
    expect(await entriesOf(redis.connection, channel)).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
    ]);
  expect(await entriesOf(redis.connection, 5)).toEqual([]);
  expect(await firstValue(0)).toMatchObject({
    shape: [3, 4],
    data: Uint32Array.of(0, 1, 2, 3, 1, 1, 2, 3, 2, 1, 2, 3),
  });
  expect(await firstValue(1)).toMatchObject({ shape: [3], data: ["a", "aa", "aaa"] });
  expect(await firstValue(2)).toMatchObject({ shape: [1], data: ["scan 0"] });
  expect(await firstValue(4)).toMatchObject({ shape: [1, 1] });
  expect(sink.failures).toEqual([]);
});

/** The first entry of a channel. */
async function firstValue(channel: number): Promise<unknown> {
  const [entry] = await redis.connection.client.xrangeBuffer(dataKey(channel), "-", "+", "COUNT", 1);
  const event = decodeEvent(entry?.[1] ?? []);
  return (
    event.type === "CHANNELDATA" && decodeChannelData(event.data, decodeDescription(event.description), event.npoints)
  );
}

it("asks step scans to wait while the server is slow, until there is room again", async () => {
  await using sink = await begun(1, { highWater: 10_000 });
  await freeze(sink);
  expect(sink.pressure()).toBeUndefined();
  let first = 1;
  while (!sink.pressure()) sink.push(point(0, first++));
  expect(first).toBeGreaterThan(10);
  const room = sink.pressure();
  redis.server.resume();
  await room;
  expect(sink.pressure()).toBeUndefined();
  await sink.flush();
  expect(await entriesOf(redis.connection, 0)).toEqual([
    [0, 1],
    [1, first - 1],
  ]);
});

it("refuses data beyond the limit, and still writes what it took, and the end", async () => {
  await using sink = await begun(1, { bufferLimit: 50_000 });
  await freeze(sink);
  let first = 1;
  const fill = (): void => {
    for (;;) sink.push(point(0, first++));
  };
  expect(fill).toThrow(PublisherOverflowError);
  expect(fill).toThrow("raise bufferLimit");
  const written = first - 2; // two pushes were refused, the point of freeze was taken
  redis.server.resume();
  sink.pushAll(ending);
  await sink.flush();
  expect(await entriesOf(redis.connection, 0)).toEqual([
    [0, 1],
    [1, written - 1],
  ]);
  expect(await redis.connection.client.xlen("demo:tmp:1_ascan_end")).toBe(1);
  expect(sink.failures).toEqual([]);
});
