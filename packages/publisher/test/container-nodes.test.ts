import { decodeInfo } from "@beamtime/protocol";
import { type ContainerNode, ensureContainers, expireContainers, setContainerInfo } from "@beamtime/publisher";
import { dumpDatabase, loadRedisVector, startTestRedis, type TestRedis, type VectorKey } from "@beamtime/testing";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { openSink } from "./sample-scan.js";
import { eventsOfVector } from "./vector-scan.js";

let redis: TestRedis;

beforeAll(async () => {
  vi.stubEnv("TZ", "UTC"); // where the vectors were made
  redis = await startTestRedis();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await redis.stop();
});
beforeEach(() => redis.flush());

const root = "/data/visitor/ihr123/beamline/20261101";
const collectionPath = `${root}/RAW_DATA/sampleA`;
const path: readonly ContainerNode[] = [
  { name: "test_session", type: "container" },
  { name: "data", type: "container" },
  { name: "visitor", type: "container" },
  { name: "ihr123", type: "proposal", info: { __name__: "ihr123", __path__: root } },
  {
    name: "sampleA",
    type: "dataset_collection",
    info: { __name__: "sampleA", __path__: collectionPath, Sample_name: "sampleA" },
  },
  {
    name: "sampleA_ds1",
    type: "dataset",
    info: {
      __name__: "ds1",
      __path__: `${collectionPath}/sampleA_ds1`,
      __closed__: false,
      __registered__: false,
      startDate: new Date("2026-11-21T03:55:18.613Z"),
    },
  },
];
const dataset = "test_session:data:visitor:ihr123:sampleA:sampleA_ds1";

/** Structs, infos decoded and announced nodes of the three levels of the data policy; other scans of BLISS wrote above. */
function contentOf(keys: readonly VectorKey[]): { [key: string]: unknown } {
  const levels = /:ihr123(:sampleA(:sampleA_ds1)?)?(_info|_children_list)?$/;
  const above = keys.filter(({ key }) => levels.test(key));
  return Object.fromEntries(
    above.map((item) => {
      if (item.type === "stream") return [item.key, item.entries.flatMap(({ fields }) => fields.map(({ b64 }) => b64))];
      if (item.type !== "hash") throw new Error(`a ${item.type} above a scan`);
      const fields = Object.fromEntries(item.fields.map(({ field, b64 }) => [field, Buffer.from(b64, "base64")]));
      const info = { ...decodeInfo(fields).values };
      const texts = Object.entries(fields).map(([field, bytes]) => [field, bytes.toString()]);
      return [item.key, item.key.endsWith("_info") ? info : Object.fromEntries(texts)];
    }),
  );
}

it("leaves the nodes of the ESRF data policy and a scan below them as BLISS does, times to live included", async () => {
  const vector = await loadRedisVector("redis-data-policy");
  await ensureContainers(redis.connection, path);
  await setContainerInfo(redis.connection, dataset, { __metadata_gathered__: true });
  await redis.connection.client.hset(dataset, "last_scan_number", 1);
  await using sink = openSink(redis.connection, { dataTtl: 600 });
  sink.pushAll(eventsOfVector(vector));
  await sink.flush();
  const { keys } = await dumpDatabase(redis.connection);
  expect(sink.failures).toEqual([]);

  const ttls = (items: readonly VectorKey[]) =>
    Object.fromEntries(items.map(({ key, ttl }) => [key, ttl > 590 ? 600 : ttl]));
  expect(ttls(keys)).toEqual(ttls(vector.keys));
  expect(Object.keys(contentOf(keys))).toHaveLength(9);
  expect(contentOf(keys)).toEqual(contentOf(vector.keys));
});

it("announces a node once, and lets it and its info stop expiring", async () => {
  const { client } = redis.connection;
  await ensureContainers(redis.connection, path);
  for (const key of [dataset, `${dataset}_info`, `${dataset}_children_list`]) await client.expire(key, 100);
  await Promise.all([ensureContainers(redis.connection, path), ensureContainers(redis.connection, path)]);
  for (const key of [dataset, `${dataset}_info`, `${dataset}_children_list`]) expect(await client.ttl(key)).toBe(-1);
  expect(await client.xlen("test_session:data:visitor:ihr123:sampleA_children_list")).toBe(1);
});

it("leaves the info of a node that is there", async () => {
  await ensureContainers(redis.connection, [{ name: "demo", type: "container", info: { a: 1 } }]);
  await ensureContainers(redis.connection, [{ name: "demo", type: "container", info: { a: 2 } }]);
  const info = await redis.connection.client.hgetallBuffer("demo_info");
  expect({ ...decodeInfo(info).values }).toEqual({ a: 1 });
});

it("sets fields of an info, and removes those that are null", async () => {
  await ensureContainers(redis.connection, path);
  const endDate = new Date("2026-11-21T04:00:00.000Z");
  await setContainerInfo(redis.connection, dataset, { __closed__: true, endDate, startDate: null, sample: "x" });
  const info = decodeInfo(await redis.connection.client.hgetallBuffer(`${dataset}_info`)).values;
  expect(Object.keys(info).toSorted()).toEqual(
    ["__closed__", "__name__", "__path__", "__registered__", "endDate", "sample"].toSorted(),
  );
  expect(info).toMatchObject({ __closed__: true, sample: "x" });
});

it("refuses to describe a node that is gone", async () => {
  await expect(setContainerInfo(redis.connection, "demo:gone", { a: 1 })).rejects.toThrow("there is no node demo:gone");
  expect(await redis.connection.client.dbsize()).toBe(0);
});

it("lets a container and all below it expire, what expires sooner as it did, and nothing else", async () => {
  const { client } = redis.connection;
  await ensureContainers(redis.connection, path);
  const twin = [...path.slice(0, -1), { name: "sampleA_ds1_info2", type: "dataset" as const }];
  await ensureContainers(redis.connection, twin);
  await ensureContainers(redis.connection, [...path, { name: "1_scan", type: "container" }]);
  await client.expire(`${dataset}:1_scan_children_list`, 600);
  await expireContainers(redis.connection, dataset, 86_400);
  const ttls = await Promise.all((await client.keys("*")).map(async (key) => [key, await client.ttl(key)] as const));
  const expiring = ttls.filter(([, ttl]) => ttl !== -1).toSorted(([a], [b]) => (a < b ? -1 : 1));
  expect(expiring.map(([key]) => key.replace(dataset, ""))).toEqual([
    "",
    ":1_scan",
    ":1_scan_children_list",
    "_children_list",
    "_info",
  ]);
  expect(expiring.map(([, ttl]) => (ttl > 86_000 ? "long" : ttl > 590 && ttl <= 600 ? "short" : ttl))).toEqual([
    "long",
    "long",
    "short",
    "long",
    "long",
  ]);
});

it("takes the name of a container for what it is, not for a pattern", async () => {
  const { client } = redis.connection;
  for (const name of ["a*[b]?\\c", "axbyc", "a"])
    await ensureContainers(redis.connection, [{ name, type: "container" }]);
  await expireContainers(redis.connection, "a*[b]?\\c", 100);
  expect(await Promise.all(["a*[b]?\\c", "axbyc", "a"].map((key) => client.ttl(key)))).toEqual([100, -1, -1]);
});
