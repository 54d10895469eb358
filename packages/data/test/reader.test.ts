import { setImmediate as nextTurn } from "node:timers/promises";
import { deferred } from "@beamtime/concurrency";
import { describe, expect, it } from "vitest";
import { ChannelNode, connect, type DataNode, type WalkEvent } from "../src/index.js";
import { newScan, redis, store, useStore, writer } from "./store-fixture.js";

useStore();

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
    expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(["NEW_DATA", "END_SCAN"]));
    expect(events.filter(({ type }) => type === "NEW_DATA")).toMatchObject([{ first: 0, npoints: 2 }]);
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
