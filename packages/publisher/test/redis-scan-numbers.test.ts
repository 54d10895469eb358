import { ensureContainers, PublisherError, redisScanNumbers } from "@beamtime/publisher";
import { loadRedisVector, restoreVector, startTestRedis, type TestRedis } from "@beamtime/testing";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { created, openSink } from "./sample-scan.js";

let redis: TestRedis;

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.flush());

const parentPath = ["demo", "tmp", "scans"];

it("counts saved scans and others apart, from 1, in the node of the parent", async () => {
  const numbers = redisScanNumbers(redis.connection);
  const taken: number[] = [];
  for (const saved of [true, true, false, true, false]) taken.push(await numbers.next({ parentPath, saved }));
  expect(taken).toEqual([1, 2, 1, 3, 2]);
  expect(await redis.connection.client.hgetall("demo:tmp:scans")).toEqual({
    version: "v1.1",
    node_type: "container",
    name: "scans",
    db_name: "demo:tmp:scans",
    parent: "demo:tmp",
    last_scan_number: "3",
    last_shadow_scan_number: "2",
  });
});

it("goes on after the last number in the file where Redis knows none", async () => {
  const numbers = redisScanNumbers(redis.connection);
  const asked: string[] = [];
  const next = (last: number): Promise<number> =>
    numbers.next({
      parentPath,
      saved: true,
      lastInFile: async () => {
        asked.push("file");
        return last;
      },
    });
  expect([await next(41), await next(41), await next(41)]).toEqual([42, 43, 44]);
  expect(asked).toEqual(["file"]);
});

it("gives no number twice to scans that begin at the same time", async () => {
  const sessions = await Promise.all([redis.connect(), redis.connect(), redis.connect()]);
  const requests = sessions.flatMap((connection) => {
    const numbers = redisScanNumbers(connection);
    return Array.from({ length: 10 }, () => numbers.next({ parentPath, saved: true, lastInFile: async () => 7 }));
  });
  const taken = (await Promise.all(requests)).toSorted((a, b) => a - b);
  expect(taken).toEqual(Array.from({ length: 30 }, (_, index) => index + 8));
  expect(await redis.connection.client.xlen("demo:tmp_children_list")).toBe(1);
});

it("makes a complete node of a parent of which only the numbers are there", async () => {
  await redis.connection.client.hset("demo:tmp:scans", "last_scan_number", 5);
  expect(await redisScanNumbers(redis.connection).next({ parentPath, saved: true })).toBe(6);
  expect(await redis.connection.client.hget("demo:tmp:scans", "version")).toBe("v1.1");
});

it("refuses to count where real BLISS counts, and says who, where and what to do", async () => {
  await restoreVector(redis.connection, await loadRedisVector("redis-scan"));
  const parentOfBliss = ["test_session", "data", "visitor"];
  await ensureContainers(
    redis.connection,
    [...parentOfBliss, "below"].map((name) => ({ name, type: "container" })),
  );
  const numbers = redisScanNumbers(redis.connection);
  for (const saved of [true, false]) {
    const request = numbers.next({ parentPath: parentOfBliss, saved, lastInFile: async () => 0 });
    await expect(request).rejects.toBeInstanceOf(PublisherError);
    await expect(request).rejects.toThrow(
      /^Bliss counts scans in test_session:data:visitor .*test_session:data:visitor:1_ascan.* another template, base_path or dataset/,
    );
  }
  const fields = await redis.connection.client.hmget(
    parentOfBliss.join(":"),
    "last_scan_number",
    "last_shadow_scan_number",
  );
  expect(fields).toEqual(["1", null]);
  expect(await numbers.next({ parentPath: [...parentOfBliss, "ours"], saved: true })).toBe(1);
});

it("counts on where the scans of real BLISS are gone", async () => {
  await restoreVector(redis.connection, await loadRedisVector("redis-scan"));
  const parentOfBliss = ["test_session", "data", "visitor"];
  await redis.connection.client.del(`${parentOfBliss.join(":")}:1_ascan`);
  expect(await redisScanNumbers(redis.connection).next({ parentPath: parentOfBliss, saved: true })).toBe(2);
});

it("counts on after scans of its own", async () => {
  const numbers = redisScanNumbers(redis.connection);
  await using sink = openSink(redis.connection);
  sink.push({ ...created, info: { ...created.info, publisher: "Beamtime" } });
  await sink.flush();
  expect(await numbers.next({ parentPath: created.identity.parentPath, saved: true })).toBe(1);
});

it("gives up with the signal's reason", async () => {
  redis.server.pause();
  const giveUp = new AbortController();
  const request = redisScanNumbers(redis.connection).next({ parentPath, saved: true, signal: giveUp.signal });
  giveUp.abort(new Error("enough"));
  await expect(request).rejects.toThrow("enough");
  redis.server.resume();
});
