import { startTestRedis, type TestRedis } from "@beamtime/testing";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { beginning, created, dataKey, devices, ending, entriesOf, openSink, point, scanNode } from "./sample-scan.js";

let redis: TestRedis;

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.flush());

const memoryOf = async (channel: number): Promise<number> =>
  Number(await redis.connection.client.memory("USAGE", dataKey(channel), "SAMPLES", 0));

/** Points of a channel, checked to be without a gap from `first` on. */
async function pointsOf(channel: number): Promise<{ first: number; end: number }> {
  const entries = await entriesOf(redis.connection, channel);
  const first = entries[0]?.[0] ?? 0;
  const end = entries.reduce((next, [at, npoints]) => (at === next ? next + npoints : Number.NaN), first);
  return { first, end };
}

it("keeps a scan of 1e5 points whole by default", async () => {
  await using sink = openSink(redis.connection);
  sink.pushAll(beginning(2));
  for (let first = 0; first < 100_000; first++) {
    await sink.pressure();
    sink.push(point(0, first));
    sink.push(point(1, first));
  }
  sink.pushAll(ending);
  await sink.flush();
  for (const channel of [0, 1]) expect(await pointsOf(channel)).toEqual({ first: 0, end: 100_000 });
  expect(sink.warnings).toEqual([]);
});

it("removes the first points of all channels alike where the memory of a scan is used up, and says so once", async () => {
  const memoryBudget = 1_000_000;
  await using sink = openSink(redis.connection, { memoryBudget });
  sink.push(created);
  sink.push(devices([{}, { dtype: "uint32", shape: [100] }]));
  for (let first = 0; first < 10_000; first++) {
    sink.push(point(0, first));
    sink.push({ type: "data", channel: 1, first, npoints: 1, pointShape: [100], data: new Uint32Array(100) });
    if (first % 3 === 0) await sink.flush(); // several entries of one or a few points
  }
  await sink.flush();
  const scalars = await pointsOf(0);
  const spectra = await pointsOf(1);
  expect([scalars.end, spectra.end]).toEqual([10_000, 10_000]);
  expect(scalars.first).toBeGreaterThan(5000);
  expect(Math.abs(scalars.first - spectra.first)).toBeLessThan(200);
  const memory = (await memoryOf(0)) + (await memoryOf(1));
  expect(memory).toBeGreaterThan(memoryBudget * 0.7);
  expect(memory).toBeLessThan(memoryBudget * 1.4);
  expect(sink.warnings).toHaveLength(1);
  expect(sink.warnings[0]).toContain("first points are removed");
});

it("lets keys live for a day after the end of the scan, or as long as told", async () => {
  for (const [options, node, data] of [
    [{}, 86_400, 86_400],
    [{ nodeTtl: 500, dataTtl: 100 }, 500, 100],
  ] as const) {
    await redis.flush();
    await using sink = openSink(redis.connection, options);
    sink.pushAll([...beginning(1), point(0, 0)]);
    await sink.flush();
    const { client } = redis.connection;
    const keys = (await client.keys("*")).sort();
    expect(keys.shift()).toBe("beamtime:running_scans");
    expect(keys).toHaveLength(14);
    for (const key of keys) expect(await client.ttl(key), key).toBe(-1);
    sink.pushAll(ending);
    await sink.flush();
    expect((await client.keys("*")).sort()).toEqual(keys);
    for (const key of keys) {
      const expected = key.startsWith(`${scanNode}:`) ? data : node;
      expect(Math.abs((await client.ttl(key)) - expected), key).toBeLessThanOrEqual(2);
    }
  }
});

it("keeps the containers alive while a later scan runs", async () => {
  const { client } = redis.connection;
  for (const nodeName of ["1_ascan", "2_ascan"]) {
    await using sink = openSink(redis.connection);
    sink.push({ ...created, identity: { ...created.identity, nodeName } });
    await sink.flush();
    for (const key of ["demo", "demo:tmp", "demo_children_list", "demo:tmp_children_list"]) {
      expect(await client.ttl(key)).toBe(-1);
    }
    sink.pushAll(ending);
    await sink.flush();
    expect(await client.ttl("demo:tmp")).toBeGreaterThan(86_000);
  }
  expect(await client.xlen("demo_children_list")).toBe(1);
  expect(await client.xlen("demo:tmp_children_list")).toBe(2);
});
