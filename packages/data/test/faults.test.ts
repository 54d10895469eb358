import { deferred } from "@beamtime/concurrency";
import { describe, expect, it } from "vitest";
import { ChannelNode, NodeGoneError, type WalkEvent } from "../src/index.js";
import { NodeLoader } from "../src/node-loader.js";
import { NodeSelection } from "../src/node-selection.js";
import { StreamReader } from "../src/stream-reader.js";
import { TreeWalker } from "../src/tree-walker.js";
import { newScan, redis, store, useStore, writer } from "./store-fixture.js";

useStore();

async function told(dbName: string): Promise<WalkEvent[]> {
  const events: WalkEvent[] = [];
  for await (const event of (await store.getNode(dbName)).walkEvents({ wait: false })) events.push(event);
  return events;
}

/** What happened to points: type, and from where to where. */
function pointsOf(events: readonly WalkEvent[]): unknown[] {
  return events.flatMap((event): unknown[] => {
    if (event.type === "NEW_DATA") return [[event.type, event.first, event.first + event.npoints - 1]];
    if (event.type === "GAP") return [[event.type, event.from, event.to]];
    return event.type === "UNREADABLE" ? [[event.type, event.first]] : [];
  });
}

describe("a walk of what is no longer whole", () => {
  it("passes over nodes that are gone, of another version, or not complete", async () => {
    const path = await writer.directory("s:data");
    for (const [name, version] of [
      ["old", "v2.0"],
      ["half", "None"],
      ["good", "v1.9"],
    ] as const) {
      await writer.node(`${path}:${name}`, "scan", { version });
      await writer.tell(`${path}:${name}`);
    }
    await writer.tell(`${path}:never`);
    const scan = await writer.scan(path, "9_gone", 1);
    await redis.connection.client.del(`${scan.dbName}:timer`);
    const names: string[] = [];
    for await (const { name } of (await store.getSessionNode("s")).walk({ wait: false })) names.push(name);
    expect(names).toEqual(["s", "data", "good", "9_gone"]);
    await expect(store.getNode(`${path}:old`)).rejects.toThrow(NodeGoneError);
  });

  it("goes on when everything expires under it", async () => {
    const scan = await newScan(2);
    await scan.emit(0, 1);
    const session = await store.getSessionNode("s");
    const types: string[] = [];
    for await (const { type, node } of session.walkEvents({ wait: false })) {
      types.push(type);
      await redis.flush();
      expect(await node.exists()).toBe(false);
      expect(await node.parent()).toBeUndefined();
      expect([await node.info(), await node.children()]).toEqual([{}, []]);
      if (node instanceof ChannelNode) expect(await node.get(0, -1)).toMatchObject({ shape: [0] });
    }
    expect(types).toEqual(["NEW_NODE"]);
  });

  it("tells the gap where the head of a channel was trimmed", async () => {
    const scan = await newScan();
    for (let index = 0; index < 10; index++) await scan.emit(0, 2, { maxlen: 3 });
    await scan.end();
    expect(pointsOf(await told("s"))).toEqual([
      ["GAP", 0, 13],
      ["NEW_DATA", 14, 19],
    ]);
  });

  it("tells the gap where the stream was evicted and went on", async () => {
    const scan = await newScan();
    await scan.emit(0, 3);
    const ready = deferred<void>();
    const node = await store.getNode(scan.dbName);
    const events: WalkEvent[] = [];
    const walking = (async () => {
      for await (const event of node.walkEvents({ onReady: () => ready.resolve() })) events.push(event);
    })();
    await ready.promise;
    await redis.connection.client.multi().del(`${scan.channels[0]}_data`).exec();
    scan.written[0] = 5;
    await scan.emit(0, 1);
    await scan.end();
    await walking;
    expect(pointsOf(events)).toEqual([
      ["NEW_DATA", 0, 2],
      ["GAP", 3, 4],
      ["NEW_DATA", 5, 5],
    ]);
  });

  it("tells that nobody knows what was in a stream that is gone", async () => {
    const scan = await newScan(2);
    await scan.emit(1, 4);
    await redis.connection.client.del(`${scan.channels[0]}_data`);
    await scan.end();
    const events = await told("s");
    expect(pointsOf(events)).toEqual([
      ["NEW_DATA", 0, 3],
      ["GAP", 0, null],
    ]);
    expect(events.at(-1)?.type).toBe("END_SCAN");
  });

  it("forgets a scan that vanished without an end, and then ends", async () => {
    const scan = await newScan();
    const root = await store.getNode(scan.dbName);
    const connection = await redis.connect();
    const { signal } = new AbortController();
    const walker = new TreeWalker(
      {
        reader: new StreamReader(connection.client, signal),
        // Nodes of the store do for the loader: it only opens names.
        loader: new NodeLoader(connection.client, Reflect.get(root, "source"), signal),
        selection: new NodeSelection(undefined, undefined),
        tells: "events",
        signal,
        discovered: 0,
      },
      { from: "beginning", wait: true, onReady: () => void redis.flush(), patienceMs: 20 },
    );
    const types: string[] = [];
    for await (const { type } of walker.walk(root)) types.push(type);
    expect(types).not.toContain("END_SCAN");
  });
});

describe("a walk of what cannot be read", () => {
  const xadd = (key: string, id: string, fields: Record<string, string | Buffer>): Promise<unknown> => {
    return redis.connection.client.xadd(key, id, ...Object.entries(fields).flat());
  };
  const bad = (data: string | Buffer) => ({
    __EVENT__: "CHANNELDATA",
    __DESC__: "no pickle",
    __NPOINTS__: "2",
    __DATA__: data,
  });

  it("tells what is unreadable and goes on behind it", async () => {
    const scan = await newScan();
    const key = `${scan.channels[0]}_data`;
    await scan.emit(0, 2);
    await xadd(key, "3", bad("x"));
    scan.written[0] = 4;
    await scan.emit(0, 1);
    const [entry] = await redis.connection.client.xrangeBuffer(key, "-", "+", "COUNT", 1);
    const description = entry?.[1][3] ?? Buffer.alloc(0);
    await xadd(key, "6", { ...bad("x"), __DESC__: description });
    await xadd(key, "8", { __EVENT__: "CHANNELDATA" });
    await xadd(key, "9", { __EVENT__: "FOREIGN", __DATA__: "?" });
    await xadd(key, "10", { ...bad("x"), __DESC__: description, __NPOINTS__: "999999999999999" });
    await scan.end();
    const events = await told("s");
    expect(pointsOf(events)).toEqual([
      ...[
        ["NEW_DATA", 0, 1],
        ["UNREADABLE", 2],
        ["NEW_DATA", 4, 4],
        ["UNREADABLE", 5],
      ],
      ...[
        ["UNREADABLE", 7],
        ["UNREADABLE", 8],
        ["UNREADABLE", 9],
      ],
    ]);
    expect(events.at(-1)?.type).toBe("END_SCAN");
    const channel = await store.getNode(scan.channels[0] ?? "");
    if (!(channel instanceof ChannelNode)) throw new Error("no channel");
    await expect(channel.get(0, -1)).rejects.toMatchObject({ code: "PICKLE" });
    expect((await channel.get(0, 1)).data).toEqual(Float64Array.of(0, 1));
  });

  it("passes over foreign entries in the streams of a scan", async () => {
    const scan = await newScan();
    for (const suffix of ["_children_list", "_end"]) await xadd(`${scan.dbName}${suffix}`, "*", { what: "ever" });
    await xadd("s:data_children_list", "*", { __EVENT__: "NEW_NODE" });
    await scan.emit(0, 1);
    await xadd(`${scan.dbName}_end`, "*", { __EVENT__: "END_SCAN", __EXCEPTION__: "no pickle" });
    const events = await told("s");
    expect(pointsOf(events)).toEqual([["NEW_DATA", 0, 0]]);
    expect(events.at(-1)).toMatchObject({ type: "END_SCAN", error: "unreadable" });
  });

  it("reads the other fields of an info with a bad one", async () => {
    const scan = await newScan();
    await redis.connection.client.hset(`${scan.dbName}_info`, { bad: "no pickle" });
    const node = await store.getNode(scan.dbName);
    expect(await node.info()).toEqual({ title: "1_ascan", node_name: scan.dbName });
    await expect(node.info("bad")).rejects.toMatchObject({ code: "PICKLE" });
    expect(await node.info("none")).toBeUndefined();
  });

  it("is not stopped by a node that has the name of a stream of another", async () => {
    const scan = await newScan();
    await redis.connection.client.del(`${scan.dbName}:timer_children_list`);
    await writer.node(`${scan.dbName}:timer_children_list`, "None");
    await writer.tell(`${scan.dbName}:timer_children_list`);
    await scan.end();
    const names = (await told("s")).flatMap(({ type, node }) => (type === "NEW_NODE" ? [node.name] : []));
    expect(names).toEqual(["s", "data", "1_ascan", "timer", "timer_children_list"]);
    const session = await store.getSessionNode("s");
    const ready = deferred<void>();
    const walking = (async () => {
      for await (const { type } of session.walkOnNewEvents({ onReady: () => ready.resolve() }))
        if (type === "END_SCAN") return;
    })();
    await ready.promise;
    const second = await writer.scan("s:data", "2_x", 0);
    await redis.connection.client.del(`${second.dbName}_prepared`);
    await redis.connection.client.hset(`${second.dbName}_prepared`, "a", "b");
    await second.end();
    await walking;
  });
});
