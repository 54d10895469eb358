import { setImmediate as nextTurn } from "node:timers/promises";
import { deferred } from "@beamtime/concurrency";
import { startTestRedis, type TestRedis } from "@beamtime/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  ChannelNode,
  connect,
  type DataNode,
  type DataStore,
  NodeGoneError,
  type Walk,
  type WalkEvent,
} from "../src/index.js";
import { NodeLoader } from "../src/node-loader.js";
import { NodeSelection } from "../src/node-selection.js";
import { StreamReader } from "../src/stream-reader.js";
import { TreeWalker } from "../src/tree-walker.js";
import { ScanWriter, type WrittenScan } from "./scan-writer.js";

let redis: TestRedis;
let store: DataStore;
let writer: ScanWriter;
beforeAll(async () => {
  redis = await startTestRedis({ port: 0 });
  writer = new ScanWriter(redis.connection);
});
afterAll(() => redis.stop());
beforeEach(async () => {
  await redis.flush();
  store = await connect({ redis: redis.server.target });
});
afterEach(() => store.close());

async function newScan(channels = 1): Promise<WrittenScan> {
  const scan = await writer.scan(await writer.directory("s:data"), "1_ascan", channels);
  await scan.prepare();
  return scan;
}

async function told(dbName: string): Promise<WalkEvent[]> {
  const events: WalkEvent[] = [];
  for await (const event of (await store.getNode(dbName)).walkEvents({ wait: false })) events.push(event);
  return events;
}

/** What happened to points: type, and from where to where. */
function pointsOf(events: readonly WalkEvent[]): unknown[] {
  return events.flatMap((event) => {
    switch (event.type) {
      case "NEW_DATA":
        return [["NEW_DATA", event.first, event.first + event.npoints - 1]];
      case "GAP":
        return [["GAP", event.from, event.to]];
      case "UNREADABLE":
        return [["UNREADABLE", event.first]];
      default:
        return [];
    }
  });
}

/** Connections to the server, this test's own ones. */
async function connections(): Promise<number> {
  const list = String(await redis.connection.client.client("LIST"));
  return list.trim().split("\n").length;
}

/** Takes events until the walk waits for Redis; returns the one that is to come. */
async function pending(walk: Walk<WalkEvent>): Promise<Promise<unknown>[]> {
  for (;;) {
    const next = walk.next();
    next.catch(() => {});
    let state = "free";
    while (state === "free") state = await Promise.race([next.then(() => "told"), blockedClients()]);
    if (state === "blocked") return [next];
  }
}

async function blockedClients(): Promise<string> {
  const info = await redis.connection.client.info("clients");
  return info.includes("blocked_clients:0") ? "free" : "blocked";
}

describe("a walk that is left", () => {
  it("ends with the signal's reason wherever it waits, and closes its connection", async () => {
    const scan = await newScan(3);
    for (let channel = 0; channel < 3; channel++) await scan.emit(channel, 2);
    const before = await connections();
    const session = await store.getSessionNode("s");
    for (let turns = 0; turns < 40; turns++) {
      for (const from of ["beginning", "now"] as const) {
        const abort = new AbortController();
        const { signal } = abort;
        const walk = from === "now" ? session.walkOnNewEvents({ signal }) : session.walkEvents({ signal });
        const walking = (async () => {
          for await (const _ of walk);
        })();
        walking.catch(() => {});
        for (let turn = 0; turn < turns; turn++) await nextTurn();
        abort.abort(new Error("enough"));
        await expect(walking).rejects.toThrow("enough");
      }
    }
    await expect.poll(connections).toBe(before); // the server sees a connection close a moment later
  });

  it("ends at once when it is aborted, returned from, or its store closed, while it waits for Redis", async () => {
    const scan = await newScan();
    const node = await store.getNode(scan.dbName);
    const abort = new AbortController();
    const [aborted] = await pending(node.walkEvents({ signal: abort.signal }));
    abort.abort(new Error("enough"));
    await expect(aborted).rejects.toThrow("enough");
    const left = node.walkEvents();
    const [last] = await pending(left);
    await left.return();
    await expect(last).resolves.toEqual({ done: true, value: undefined });
    const closed = node.walkEvents();
    const [cut] = await pending(closed);
    await store.close();
    await expect(cut).rejects.toMatchObject({ code: "STORE_CLOSED" });
    await expect(closed.next()).rejects.toMatchObject({ code: "STORE_CLOSED" });
  });

  it("tells nothing more after the abort, not even what it has read", async () => {
    await newScan(3);
    const abort = new AbortController();
    const walk = (await store.getSessionNode("s")).walk({ signal: abort.signal });
    await walk.next();
    abort.abort(new Error("enough"));
    await expect(walk.next()).rejects.toThrow("enough");
  });

  it("is closed by leaving the loop", async () => {
    await newScan();
    const before = await connections();
    for await (const _ of (await store.getSessionNode("s")).walk()) break;
    await expect.poll(connections).toBe(before); // the server sees a connection close a moment later
  });
});

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

describe("a reader", () => {
  it("needs no write access, and never asks for KEYS", async () => {
    const scan = await newScan(2);
    await scan.emit(0, 3);
    const { client } = redis.connection;
    await client.call(
      "ACL",
      "SETUSER",
      "reader",
      "on",
      ">secret",
      "~*",
      "+@read",
      "+@connection",
      "+info",
      "-keys",
      "-@write",
    );
    const { host, port } = redis.server;
    await using reader = await connect({ redis: `redis://reader:secret@${host}:${port}` });
    expect((await reader.sessions()).map(({ name }) => name)).toEqual(["s"]);
    const ready = deferred<void>();
    const session = await reader.getSessionNode("s");
    const types: string[] = [];
    const walking = (async () => {
      for await (const event of session.walkOnNewEvents({ onReady: () => ready.resolve() })) {
        types.push(event.type);
        if (event.type === "END_SCAN") return;
      }
    })();
    await ready.promise;
    await scan.emit(0, 1);
    await scan.end();
    await walking;
    expect(types).toEqual(["NEW_DATA", "END_SCAN"]);
    const channel = await reader.getNode(scan.channels[0] ?? "");
    expect(channel instanceof ChannelNode && (await channel.get(-1))).toBe(3);
  });

  it("lists sessions only", async () => {
    for (const path of ["a:x", "b", "c:y:z"]) await writer.directory(path);
    await redis.connection.client.xadd("alien_children_list", "*", "a", "b");
    expect((await store.sessions()).map((node: DataNode) => node.name)).toEqual(["a", "b", "c"]);
  });

  it("goes on after the connection was cut", async () => {
    const scan = await newScan();
    const ready = deferred<void>();
    const node = await store.getNode(scan.dbName);
    const events: WalkEvent[] = [];
    const walking = (async () => {
      for await (const event of node.walkEvents({ onReady: () => ready.resolve() })) events.push(event);
    })();
    await ready.promise;
    await redis.connection.client.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    await scan.emit(0, 2);
    await scan.end();
    await walking;
    expect(pointsOf(events)).toEqual([["NEW_DATA", 0, 1]]);
  });

  it("keeps as many streams after 300 scans as after the first", { timeout: 60_000 }, async () => {
    const path = await writer.directory("s:data");
    const monitor = await redis.connection.client.duplicate().monitor();
    let streams = 0;
    monitor.on("monitor", (_time: string, [name = "", ...args]: string[]) => {
      if (name.toLowerCase() !== "xread") return;
      streams = (args.length - args.indexOf("STREAMS") - 1) / 2;
    });
    const ready = deferred<void>();
    const session = await store.getSessionNode("s");
    const walk = session.walkEvents({ onReady: () => ready.resolve() });
    let ended = deferred<void>();
    let points = 0;
    const walking = (async () => {
      for await (const event of walk) {
        if (event.type === "NEW_DATA") points += event.npoints;
        if (event.type === "END_SCAN") ended.resolve();
      }
    })();
    await ready.promise;
    const most: number[] = [];
    for (let number = 1; number <= 300; number++) {
      ended = deferred<void>();
      const scan = await writer.scan(path, `${number}_scan`, 3);
      await scan.prepare();
      for (let channel = 0; channel < 3; channel++) await scan.emit(channel, 1);
      await scan.end();
      await ended.promise;
      most.push(streams);
    }
    await walk.return();
    await walking;
    monitor.disconnect();
    expect(points).toBe(900);
    expect(Math.max(...most.slice(-50))).toBeLessThanOrEqual(Math.max(...most.slice(0, 50)));
  });

  it("does not read ahead of a slow consumer, and bounds what it reads at once", async () => {
    const scan = await newScan();
    for (let entry = 0; entry < 300; entry++) await scan.emit(0, 20_000); // 48 MB
    await scan.end();
    const reads = async (): Promise<string> =>
      (await redis.connection.client.info("commandstats")).match(/cmdstat_xread:calls=\d+/)?.[0] ?? "";
    const node = await store.getNode(scan.dbName);
    let points = 0;
    for await (const event of node.walkEvents()) {
      if (event.type !== "NEW_DATA") continue;
      const before = await reads();
      for (let turn = 0; turn < 20; turn++) await nextTurn();
      expect(await reads()).toBe(before);
      expect(event.npoints * 8).toBeLessThan(12 * 1024 * 1024);
      points += event.npoints;
    }
    expect(points).toBe(6_000_000);
  });
});
