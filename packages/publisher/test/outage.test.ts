import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PublisherError } from "@beamtime/publisher";
import { connectRedis } from "@beamtime/redis";
import { startRedisServer } from "@beamtime/redis/server";
import { startTestRedis, type TestRedis } from "@beamtime/testing";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { cuttingProxy } from "./cutting-proxy.js";
import { beginning, created, dataKey, ending, entriesOf, openSink, point, scanNode } from "./sample-scan.js";

let redis: TestRedis;

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.flush());

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it("loses and doubles nothing when the answer to any write is lost", async () => {
  const { client } = redis.connection;
  await using proxy = await cuttingProxy(redis.server.target);
  await using connection = await connectRedis(proxy.path);
  const events = [...beginning(2), point(0, 0), point(1, 0), point(0, 1), point(1, 1), ...ending];
  for (const answer of [99, 0, 1, 2]) {
    // the first round is not cut: it makes the scripts known to the server
    await redis.flush();
    await using sink = openSink(connection);
    for (const event of events) {
      proxy.cutAnswer(answer);
      sink.push(event);
      await sink.flush();
    }
    expect(sink.failures).toEqual([]);
    for (const channel of [0, 1])
      expect(await entriesOf(redis.connection, channel)).toEqual([
        [0, 1],
        [1, 1],
      ]);
    const lengths = {
      demo_children_list: 1,
      "demo:tmp_children_list": 1,
      [`${scanNode}_children_list`]: 1,
      [`${scanNode}:timer_children_list`]: 2,
      [`${scanNode}_prepared`]: 1,
      [`${scanNode}_end`]: 1,
    };
    for (const [stream, length] of Object.entries(lengths)) expect(await client.xlen(stream), stream).toBe(length);
  }
  expect(proxy.cuts).toBeGreaterThan(events.length);
});

it("goes on after the server was away and has kept its data", async () => {
  const directory = await mkdtemp(join(tmpdir(), "beamtime-test-"));
  try {
    const first = await startRedisServer({ role: "settings", directory }); // it keeps data in a file
    await using connection = await connectRedis(first.target);
    await using sink = openSink(connection);
    sink.pushAll([...beginning(1), point(0, 0)]);
    await sink.flush();
    await first.stop();
    for (let index = 1; index < 50; index++) sink.push(point(0, index));
    await turn();
    await using _second = await startRedisServer({ role: "settings", directory });
    sink.pushAll(ending);
    await sink.flush();
    expect(sink.failures).toEqual([]);
    expect(await entriesOf(connection, 0)).toEqual([
      [0, 1],
      [1, 49],
    ]);
  } finally {
    await rm(directory, { recursive: true });
  }
});

it("fails when the server comes back empty", async () => {
  const directory = await mkdtemp(join(tmpdir(), "beamtime-test-"));
  try {
    const first = await startRedisServer({ directory });
    await using connection = await connectRedis(first.target);
    await using sink = openSink(connection);
    sink.pushAll([...beginning(1), point(0, 0)]);
    await sink.flush();
    await first.kill();
    sink.push(point(0, 1));
    await using _second = await startRedisServer({ directory });
    await expect(sink.flush()).rejects.toThrow("came back empty");
    expect(sink.failures).toHaveLength(1);
    expect(await connection.client.dbsize()).toBe(0);
  } finally {
    await rm(directory, { recursive: true });
  }
});

it("fails when a write is unanswered for longer than the limit, and says how to mend it", async () => {
  await using sink = openSink(redis.connection, { outageLimit: 0.2 });
  sink.pushAll(beginning(1));
  await sink.flush();
  redis.server.pause();
  sink.push(point(0, 0));
  await sink.failed();
  expect(sink.failures).toHaveLength(1);
  expect(sink.failures[0]).toBeInstanceOf(PublisherError);
  expect(sink.failures[0]).toMatchObject({ code: "PUBLISHER", scan: scanNode, address: redis.connection.address });
  expect(String(sink.failures[0])).toContain("has not answered for 0.2 s");
  sink.pushAll(ending);
  await expect(sink.flush()).rejects.toThrow("check that the server runs");
  redis.server.resume();
});

it("still ends a scan that failed from an outage when the server answers again before the flush", async () => {
  await using sink = openSink(redis.connection, { outageLimit: 0.2 });
  sink.pushAll(beginning(1));
  await sink.flush();
  redis.server.pause();
  sink.push(point(0, 0));
  await sink.failed();
  const reader = redis.connect();
  redis.server.resume();
  sink.push({ type: "ended", time: 1002, reason: "FAILURE", error: { name: "PublisherError", message: "" }, info: {} });
  const answer = await (await reader).client.xread("BLOCK", 0, "STREAMS", `${scanNode}_end`, "0-1");
  expect(JSON.stringify(answer)).toContain("<class 'beamtime.PublisherError'>");
});

it("fails when the server is gone for longer than the limit, naming the reason", async () => {
  const server = await startRedisServer();
  await using connection = await connectRedis(server.target);
  await using sink = openSink(connection, { outageLimit: 0.3 });
  sink.pushAll(beginning(1));
  await sink.flush();
  await server.kill();
  sink.push(point(0, 0));
  await sink.failed();
  expect(String(sink.failures[0])).toMatch(/has not answered for 0.3 s \(.*(ENOENT|ECONNREFUSED|EPIPE|closed)/);
  await expect(sink.flush()).rejects.toThrow(PublisherError);
});

it("begins a scan when the server comes back in time, and else fails", async () => {
  const directory = await mkdtemp(join(tmpdir(), "beamtime-test-"));
  try {
    const first = await startRedisServer({ directory });
    await using connection = await connectRedis(first.target);
    await first.kill();
    await using early = openSink(connection, { outageLimit: 0.1 });
    await using patient = openSink(connection);
    early.push(created);
    patient.push(created);
    await expect(early.flush()).rejects.toThrow(/has not answered for 0.1 s \(cannot connect/);
    await early.close();
    await using _second = await startRedisServer({ directory });
    await patient.flush();
    expect(await connection.client.hget(scanNode, "version")).toBe("v1.1");
  } finally {
    await rm(directory, { recursive: true });
  }
});

it("fails when the scan was evicted or removed, and writes nothing into the void", async () => {
  await using sink = openSink(redis.connection);
  sink.pushAll([...beginning(1), point(0, 0)]);
  await sink.flush();
  await redis.flush();
  sink.push(point(0, 1));
  await expect(sink.flush()).rejects.toThrow(`has lost ${scanNode}`);
  sink.pushAll([point(0, 2), ...ending]);
  expect(sink.pressure()).toBeUndefined();
  expect(await redis.connection.client.dbsize()).toBe(0);
});

it("fails when the node of the scan is there already", async () => {
  for (const expected of ["", "another session counts scans in the same place"]) {
    await using sink = openSink(redis.connection);
    sink.push(created);
    if (expected) await expect(sink.flush()).rejects.toThrow(expected);
    else await sink.flush();
  }
});

it("fails when somebody else writes into a channel of the scan", async () => {
  await using sink = openSink(redis.connection);
  sink.pushAll(beginning(1));
  await sink.flush();
  await redis.connection.client.xadd(dataKey(0), "7-0", "field", "value");
  sink.push(point(0, 0));
  await expect(sink.flush()).rejects.toThrow("equal or smaller");
});

it("writes what it took before it closes, as far as the server lets it", async () => {
  const sink = openSink(redis.connection);
  sink.pushAll(beginning(1));
  redis.server.pause();
  sink.pushAll([point(0, 0), ...ending]);
  await turn();
  const closing = sink.close();
  redis.server.resume();
  await closing;
  expect(await redis.connection.client.xlen(`${scanNode}_end`)).toBe(1);
  expect(sink.failures).toEqual([]);
});

it("closes although the server is out", async () => {
  const sink = openSink(redis.connection, { outageLimit: 0.1 });
  sink.pushAll(beginning(1));
  redis.server.pause();
  await sink.failed();
  await sink.close();
  redis.server.resume();
});

it("gives up a flush with the signal's reason", async () => {
  await using sink = openSink(redis.connection);
  redis.server.pause();
  sink.pushAll(beginning(1));
  const giveUp = new AbortController();
  const flushing = sink.flush({ signal: giveUp.signal });
  giveUp.abort(new Error("enough"));
  await expect(flushing).rejects.toThrow("enough");
  redis.server.resume();
});
