import {
  dumpDatabase,
  loadRedisVector,
  type RedisVector,
  restoreVector,
  startTestRedis,
  type TestRedis,
} from "@beamtime/testing";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

let redis: TestRedis;

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.flush());

it.each(["redis-scan", "redis-amesh", "redis-lima", "redis-failed", "redis-dtypes", "redis-sequence"])(
  "restores %s byte for byte, times to live included",
  async (name) => {
    const vector = await loadRedisVector(name);
    await restoreVector(redis.connection, vector);
    const dump = await dumpDatabase(redis.connection);
    expect(comparable(dump)).toEqual(comparable(vector));
    for (const { key, ttl } of dump.keys) {
      const expected = vector.keys.find((item) => item.key === key)?.ttl ?? 0;
      expect(Math.abs(ttl - expected)).toBeLessThanOrEqual(2);
    }
  },
);

it("leaves nothing behind after a flush", async () => {
  await restoreVector(redis.connection, await loadRedisVector("redis-scan"));
  await redis.flush();
  expect(await dumpDatabase(redis.connection)).toEqual({ keys: [] });
});

/** Without what differs by nature: the order of keys and of the fields of a hash, renderings for people, the seconds left. */
function comparable({ keys }: RedisVector): unknown {
  const text = JSON.stringify(keys, (name, value: unknown) => (name === "repr" || name === "ttl" ? undefined : value));
  const plain = JSON.parse(text) as RedisVector["keys"];
  return plain
    .map((item) => (item.type === "hash" ? { ...item, fields: item.fields.toSorted(by("field")) } : item))
    .toSorted(by("key"));
}

function by<Name extends string>(name: Name): (a: Record<Name, string>, b: Record<Name, string>) => number {
  return (a, b) => (a[name] < b[name] ? -1 : 1);
}
