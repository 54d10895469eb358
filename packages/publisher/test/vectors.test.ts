import { systemClock } from "@beamtime/concurrency";
import type { ScanSinkContext } from "@beamtime/core";
import { readPickle, toPlain } from "@beamtime/protocol";
import { redisPublisher } from "@beamtime/publisher";
import {
  dumpDatabase,
  loadRedisVector,
  type RedisVector,
  startTestRedis,
  type TestRedis,
  type VectorField,
  type VectorKey,
} from "@beamtime/testing";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { eventsOfVector } from "./vector-scan.js";

let redis: TestRedis;

beforeAll(async () => {
  vi.stubEnv("TZ", "UTC"); // where the vectors were made: they hold local times
  redis = await startTestRedis();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await redis.stop();
});
beforeEach(() => redis.flush());

const vectors = [
  "redis-scan",
  "redis-scan-nosave",
  "redis-ct",
  "redis-amesh",
  "redis-spectrum",
  "redis-dtypes",
  "redis-group",
  "redis-failed",
  "redis-aborted",
  "redis-comments-meta",
];

it.each(vectors)("leaves in Redis what BLISS left in %s, equal when decoded", async (name) => {
  const vector = await loadRedisVector(name);
  const published = await publish(vector);
  expect(decoded(within(published, vector))).toEqual(decoded(vector));
});

it.each(vectors)("leaves in Redis the bytes that BLISS left in %s, where they are determined", async (name) => {
  const vector = await loadRedisVector(name);
  const published = await publish(vector);
  expect(determined(within(published, vector))).toEqual(determined(vector));
});

it("leaves no other key than BLISS in a database that was empty", async () => {
  const vector = await loadRedisVector("redis-scan");
  const published = await publish(vector);
  expect(published.keys.map(({ key }) => key)).toEqual(vector.keys.map(({ key }) => key).toSorted());
});

/** Publishes what the scan of the vector did, each point by itself, and returns the database. */
async function publish(vector: RedisVector): Promise<RedisVector> {
  const failures: unknown[] = [];
  const context: ScanSinkContext = {
    clock: systemClock,
    fail: (error) => failures.push(error),
    warn: (message) => failures.push(message),
  };
  const sink = redisPublisher(redis.connection).open(context);
  for (const event of eventsOfVector(vector)) {
    sink.push(event);
    if (event.type === "data") await sink.flush();
  }
  await sink.flush();
  await sink.close();
  expect(failures).toEqual([]);
  return dumpDatabase(redis.connection);
}

/** Most vectors hold the keys of the scan alone. */
function within(published: RedisVector, vector: RedisVector): RedisVector {
  const scan = vector.keys.find(({ key }) => key.endsWith("_end"))?.key.replace(/_end$/, "") ?? "";
  const whole = vector.keys.some(({ key }) => !key.startsWith(scan));
  return whole ? published : { keys: published.keys.filter(({ key }) => key.startsWith(scan)) };
}

type Comparable = { [key: string]: unknown };

function decoded(vector: RedisVector): Comparable {
  return comparable(vector, (field, { b64 }) => {
    const bytes = Buffer.from(b64, "base64");
    if (field === "last_scan_number") return undefined; // counted by others
    if (bytes[0] !== 0x80) return bytes.toString();
    const value = toPlain(readPickle(bytes));
    if (typeof value === "string") return value.replace("beamtime.RuntimeError", "RuntimeError");
    return JSON.parse(JSON.stringify(value, (_, item: unknown) => plainArray(item)));
  });
}

/** Left out: types, which have two names; dictionaries, where a repeated text may be written again or referred to. */
function determined(vector: RedisVector): Comparable {
  return comparable(vector, (field, { b64 }) => {
    const bytes = Buffer.from(b64, "base64");
    if (["__DESC__", "dtype", "__EXCEPTION__", "last_scan_number"].includes(field)) return undefined;
    if (/^(start|end)_time$/.test(field)) return undefined; // microseconds, of which a Date keeps milliseconds
    if (bytes[0] === 0x80 && !field.startsWith("__")) {
      const value = toPlain(readPickle(bytes));
      if (typeof value === "object" && value !== null && Object.keys(value).length > 0) return undefined;
    }
    return b64;
  });
}

function comparable(vector: RedisVector, convert: (field: string, value: VectorField) => unknown): Comparable {
  const values = (fields: readonly VectorField[]): Comparable =>
    Object.fromEntries(fields.map((value) => [value.field, convert(value.field, value)]));
  const content = (item: VectorKey): unknown => {
    if (item.type === "hash") return values(item.fields);
    if (item.type !== "stream") throw new Error(`a ${item.type} in a scan without a camera`);
    const ids = item.key.endsWith("_data") ? { last: item.last_generated_id } : {};
    return {
      ...ids,
      entries: item.entries.map(({ id, fields }) => ("last" in ids ? { id, ...values(fields) } : values(fields))),
    };
  };
  return Object.fromEntries(vector.keys.map((item) => [item.key, content(item)]));
}

function plainArray(item: unknown): unknown {
  if (ArrayBuffer.isView(item)) return Array.from(item as Float64Array, String); // or another typed array
  return typeof item === "bigint" ? Number(item) : item;
}
