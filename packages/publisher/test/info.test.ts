import { decodeInfo } from "@beamtime/protocol";
import { redisPublisher } from "@beamtime/publisher";
import { startTestRedis, type TestRedis } from "@beamtime/testing";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { beginning, created, devices, ending, openSink, scanNode } from "./sample-scan.js";

let redis: TestRedis;

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.flush());

async function infoOf(node: string): Promise<{ readonly [field: string]: unknown }> {
  return decodeInfo(await redis.connection.client.hgetallBuffer(`${node}_info`)).values;
}

it("writes a comment at once", async () => {
  await using sink = openSink(redis.connection);
  sink.pushAll(beginning(1));
  const comments = [{ timestamp: 1001.5, message: "sample moved" }];
  sink.push({ type: "info", changes: { comments } });
  await sink.flush();
  expect(await infoOf(scanNode)).toMatchObject({
    comments: [{ timestamp: 1001.5, message: "sample moved" }],
    state: "STARTING",
  });
});

it("stores None at the creation, removes what is null afterwards, and leaves what others wrote", async () => {
  await using sink = openSink(redis.connection);
  sink.push(created);
  await sink.flush();
  expect(await infoOf(scanNode)).toHaveProperty("sleep_time", null);
  await redis.connection.client.hset(`${scanNode}_info`, "theirs", Buffer.from("gARLBy4=", "base64")); // a pickled 7
  sink.push({ type: "prepared", time: 1001, info: { ...created.info, title: "other" } });
  await sink.flush();
  expect(await infoOf(scanNode)).toEqual({ title: "other", npoints: 0, count_time: 1, node_name: scanNode, theirs: 7 });
});

it.each([
  ["USER_ABORT", "<class 'bliss.scanning.scan.ScanAbort'>", "USER_ABORTED"],
  ["FAILURE", "<class 'beamtime.AxisFaultError'>", "KILLED"],
] as const)("tells the end of a scan after %s as the exception %s", async (reason, exception, state) => {
  await using sink = openSink(redis.connection);
  const error = { name: "AxisFaultError", message: "the axis is stuck" };
  sink.pushAll([
    created,
    { type: "ended", time: 1002, reason, error, info: created.info },
    { type: "state", time: 1002, state },
  ]);
  await sink.flush();
  const [entry] = await redis.connection.client.xrange(`${scanNode}_end`, "-", "+");
  expect(entry?.[1].join(" ")).toContain(exception);
  expect(await infoOf(scanNode)).toHaveProperty("state", state);
  expect(await redis.connection.client.xlen(`${scanNode}_prepared`)).toBe(0);
});

it("makes a sequence a scan_group", async () => {
  await using sink = openSink(redis.connection);
  sink.push({ ...created, info: { "is-scan-sequence": true } });
  await sink.flush();
  expect(await redis.connection.client.hget(scanNode, "node_type")).toBe("scan_group");
});

it("gives every channel a node of its own, also where short names are the same", async () => {
  await using sink = openSink(redis.connection);
  sink.push(created);
  sink.push(
    devices([
      { fullname: "a:diode", shortName: "diode" },
      { fullname: "b:diode", shortName: "diode" },
    ]),
  );
  await sink.flush();
  const names = ["diode", "diode_1"].map((name) => redis.connection.client.hget(`${scanNode}:timer:${name}`, "name"));
  expect(await Promise.all(names)).toEqual(["a:diode", "b:diode"]);
});

it("publishes a scan without devices", async () => {
  await using sink = openSink(redis.connection);
  sink.pushAll([created, { type: "devices", devices: [], channels: [] }, ...ending]);
  await sink.flush();
  expect(await infoOf(scanNode)).toHaveProperty("state", "DONE");
});

it("refuses options out of range", () => {
  expect(() => redisPublisher(redis.connection, { dataTtl: 0 })).toThrow("dataTtl is 0; expected a whole number");
  expect(() => redisPublisher(redis.connection, { memoryBudget: Number.NaN })).toThrow("memoryBudget is NaN");
});
