import { loadRedisVector, restoreVector, startTestRedis, type TestRedis } from "@beamtime/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  ChannelNode,
  connect,
  type DataStore,
  LimaNode,
  NodeRefChannelNode,
  ScanGroupNode,
  ScanNode,
  type WalkEvent,
} from "../src/index.js";
import { VectorExpectations } from "./vector-expectations.js";

const databases = [
  ...["redis-scan", "redis-scan-nosave", "redis-ct", "redis-amesh", "redis-spectrum", "redis-group", "redis-sequence"],
  ...["redis-dtypes", "redis-lima", "redis-lima-nosaving", "redis-failed", "redis-aborted", "redis-comments-meta"],
  "redis-data-policy",
];

let redis: TestRedis;
let store: DataStore;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  await redis.flush();
  store = await connect({ redis: redis.server.target });
});
afterEach(() => store.close());

async function restored(name: string): Promise<VectorExpectations> {
  const vector = await loadRedisVector(name);
  await restoreVector(redis.connection, vector);
  return new VectorExpectations(vector);
}

async function eventsBelow(dbName: string): Promise<WalkEvent[]> {
  const events: WalkEvent[] = [];
  const node = await store.getNode(dbName);
  for await (const event of node.walkEvents({ wait: false })) events.push(event);
  return events;
}

describe.each(databases)("%s, as BLISS left it", (name) => {
  it("is walked to its tree, in order", async () => {
    const expected = await restored(name);
    expect(expected.roots.length).toBeGreaterThan(0);
    for (const root of expected.roots) {
      const lines: string[] = [];
      const node = await store.getNode(root);
      for await (const { dbName, type, name } of node.walk({ wait: false })) lines.push(`${dbName} ${type} ${name}`);
      expect(lines).toEqual(expected.tree(root));
      expect(lines.length).toBeGreaterThan(1);
    }
  });

  it("has the values of every channel, by event, by range and one by one", async () => {
    const expected = await restored(name);
    for (const root of expected.roots) {
      const events = await eventsBelow(root);
      for (const line of expected.tree(root).filter((line) => line.split(" ")[1] === "channel")) {
        const dbName = line.split(" ")[0] ?? "";
        const npoints = expected.npoints(dbName);
        const node = await store.getNode(dbName);
        if (!(node instanceof ChannelNode)) throw new Error(`${dbName} is no channel`);
        expect(await node.length()).toBe(npoints);
        const whole = await node.get(0, -1);
        expect(whole.shape).toEqual([npoints, ...(await node.description()).shape]);
        const texts = expected.values(dbName);
        if (texts) expect(Array.from(whole.data, String)).toEqual(texts);
        const told = events.flatMap((event) => {
          return event.type === "NEW_DATA" && event.node.dbName === dbName ? Array.from(event.data.data, String) : [];
        });
        expect(told).toEqual(Array.from(whole.data, String));
        const size = whole.data.length / Math.max(1, npoints);
        for (let index = 0; index < npoints; index++) {
          const point = await node.get(index);
          const elements =
            typeof point === "object" ? Array.from(point.data, String) : [String(Number(point) || point)];
          const slice = Array.from(whole.data.slice(index * size, (index + 1) * size), String);
          expect(elements.map((text) => text.replace("true", "1").replace("false", "0"))).toEqual(slice);
        }
      }
    }
  });

  it("ends each scan after its data, with the exception it had", async () => {
    const expected = await restored(name);
    for (const root of expected.roots) {
      const events = await eventsBelow(root);
      const scans = events.flatMap(({ type, node }) => (type === "NEW_NODE" && node instanceof ScanNode ? [node] : []));
      expect(scans.length).toBeGreaterThan(0);
      for (const scan of scans) {
        const own = events.filter(({ node }) => `${node.dbName}:`.startsWith(`${scan.dbName}:`));
        const prepared = own.findIndex(({ type }) => type === "PREPARED_SCAN");
        expect(own.filter(({ type }) => type === "PREPARED_SCAN")).toHaveLength(
          expected.count(`${scan.dbName}_prepared`),
        );
        expect(own.slice(0, Math.max(0, prepared)).every(({ type }) => type === "NEW_NODE")).toBe(true);
        expect(own.at(-1)).toMatchObject({ type: "END_SCAN", error: expected.error(scan.dbName) });
        expect(own.filter(({ type }) => type === "END_SCAN")).toHaveLength(1);
      }
    }
  });

  it("has every field of every info", async () => {
    const expected = await restored(name);
    for (const root of expected.roots) {
      for (const line of expected.tree(root)) {
        const node = await store.getNode(line.split(" ")[0] ?? "");
        const info = await node.info();
        expect(Object.keys(info).sort()).toEqual(expected.infoFields(node.dbName));
        for (const [field, value] of Object.entries(info)) {
          const repr = expected.info(node.dbName, field) ?? "";
          if (typeof value === "string" && repr.startsWith("'"))
            expect(`'${value}'`).toBe(repr.replaceAll("\\\\", "\\"));
          if (typeof value === "number") expect(value).toBe(Number(repr));
        }
      }
    }
  });
});

it("prints a tree as the seeds do: name, unique name, class", async () => {
  await restored("redis-scan");
  const session = await store.getSessionNode("test_session");
  const lines: string[] = [];
  for await (const node of session.walk({ wait: false })) lines.push(`${node.name}  ${node.toString()}`);
  expect(lines).toEqual([
    "test_session  ContainerNode(test_session)",
    "data  ContainerNode(test_session:data)",
    "visitor  ContainerNode(test_session:data:visitor)",
    "1_ascan  ScanNode(test_session:data:visitor:1_ascan)",
    "axis  ContainerNode(test_session:data:visitor:1_ascan:axis)",
    "axis:roby  ChannelNode(test_session:data:visitor:1_ascan:axis:roby)",
    "timer  ContainerNode(test_session:data:visitor:1_ascan:axis:timer)",
    "timer:elapsed_time  ChannelNode(test_session:data:visitor:1_ascan:axis:timer:elapsed_time)",
    "timer:epoch  ChannelNode(test_session:data:visitor:1_ascan:axis:timer:epoch)",
    "simulation_diode_sampling_controller  ContainerNode(test_session:data:visitor:1_ascan:axis:timer:simulation_diode_sampling_controller)",
    "simulation_diode_sampling_controller:diode  ChannelNode(test_session:data:visitor:1_ascan:axis:timer:simulation_diode_sampling_controller:diode)",
  ]);
});

it("tells number, title and state of a scan", async () => {
  await restored("redis-scan");
  const scan = await store.getNode("test_session:data:visitor:1_ascan");
  if (!(scan instanceof ScanNode)) throw new Error("no scan");
  expect([await scan.number(), await scan.title(), await scan.state()]).toEqual([
    1,
    "ascan roby 0.0000 2.0000 2 0.01",
    "DONE",
  ]);
  expect((await scan.parent())?.dbName).toBe("test_session:data:visitor");
  expect((await scan.children()).map(({ name }) => name)).toEqual(["axis"]);
});

it("resolves the scans of a sequence", async () => {
  await restored("redis-sequence");
  const group = await store.getNode("test_session:data:visitor:5_my_seq");
  if (!(group instanceof ScanGroupNode)) throw new Error("no group");
  expect((await group.scans()).map(({ name }) => name)).toEqual(["6_ascan", "7_loopscan"]);
  const [channel] = (await (await group.children())[0]?.children()) ?? [];
  if (!(channel instanceof NodeRefChannelNode)) throw new Error("no channel of nodes");
  expect((await channel.get(-1))?.name).toBe("7_loopscan");
  expect(await channel.get(2)).toBeUndefined();
  await redis.connection.client.del("test_session:data:visitor:6_ascan");
  expect((await channel.get(0, -1)).map((node) => node?.name)).toEqual([undefined, "7_loopscan"]);
});

it("has the progress and the references of a camera", async () => {
  await restored("redis-lima");
  const image = await store.getNode("test_session:data:visitor:1_limascan:timer:lima_simulator:image");
  if (!(image instanceof LimaNode)) throw new Error("no camera");
  expect(await image.length()).toBe(3);
  expect(await image.status()).toMatchObject({ last_image_ready: 2, lima_acq_nb: 1 });
  expect(await image.references()).toMatchObject([{ saving_format: "HDF5", saving_frame_per_file: 2 }]);
  const events = await eventsBelow(image.dbName);
  expect(events.map(({ type }) => type)).toEqual(["NEW_NODE", "NEW_IMAGES"]);
  expect(events[1]).toMatchObject({ status: { last_image_ready: 2 } });
});
