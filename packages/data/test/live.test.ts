import { deferred } from "@beamtime/concurrency";
import { describe, expect, it } from "vitest";
import type { DataNode, WalkEvent, WalkOptions } from "../src/index.js";
import { EventLog } from "./event-log.js";
import { ScanWriter, type WrittenScan } from "./scan-writer.js";
import { redis, store, useStore, writer } from "./store-fixture.js";

useStore();

/** Follows until `scan` has ended, or the walk ends. Resolves `ready` when the walk is. */
function follow(node: DataNode, from: "beginning" | "now", until: string, options: WalkOptions = {}) {
  const log = new EventLog({ fromBeginning: from === "beginning" });
  const ready = deferred<void>();
  const walkOptions = { ...options, onReady: () => ready.resolve() };
  const walk = from === "now" ? node.walkOnNewEvents(walkOptions) : node.walkEvents(walkOptions);
  const done = (async () => {
    for await (const event of walk) {
      log.add(event);
      if (event.type === "END_SCAN" && event.node.dbName === until) break;
    }
    return log;
  })();
  return { log, ready: ready.promise, done };
}

/** Waits until the clock of Redis, which orders ends, is past this millisecond. */
async function nextMillisecond(): Promise<void> {
  const now = async () => (await redis.connection.client.time()).join(".").slice(0, 14);
  const begin = await now();
  while ((await now()) === begin);
}

async function runScan(scan: WrittenScan, npoints: number): Promise<void> {
  await scan.prepare();
  for (let index = 0; index < npoints; index++) {
    for (let channel = 0; channel < scan.channels.length; channel++) await scan.emit(channel, 1);
  }
  await scan.end();
}

describe("a walk that waits", () => {
  it("tells a scan from its node to its end while it is written", async () => {
    const path = await writer.directory("s:data");
    const { done, ready } = follow(await store.getSessionNode("s"), "beginning", "s:data:1_ascan");
    await ready;
    await runScan(await writer.scan(path, "1_ascan", 3), 5);
    const log = await done;
    expect([...log.names]).toHaveLength(8);
    expect([...log.points.values()]).toEqual([5, 5, 5].map((next) => ({ first: 0, next })));
    expect(log.ended).toEqual(new Map([["s:data:1_ascan", null]]));
  });

  it("sees a session come that did not exist", async () => {
    const { done, ready } = follow(await store.getSessionNode("new"), "now", "new:data:1_ct");
    await ready;
    await runScan(await writer.scan(await writer.directory("new:data"), "1_ct", 1), 1);
    expect([...(await done).names].slice(0, 3)).toEqual(["new", "new:data", "new:data:1_ct"]);
  });

  it("joins the points of one channel that come together", async () => {
    const scan = await writer.scan(await writer.directory("s:data"), "1_ascan", 1);
    await runScan(scan, 10);
    const { events } = await follow(await store.getNode(scan.dbName), "beginning", scan.dbName).done;
    expect(events.filter((event) => event.startsWith("NEW_DATA"))).toHaveLength(1);
  });

  it("follows one session only", async () => {
    const [a, b] = [await writer.directory("a:data"), await writer.directory("b:data")];
    const readers = ["a", "b"].map(async (name) => follow(await store.getSessionNode(name), "now", `${name}:data:1_x`));
    const [readerA, readerB] = await Promise.all(readers);
    await Promise.all([readerA?.ready, readerB?.ready]);
    await Promise.all([runScan(await writer.scan(a, "1_x", 1), 2), runScan(await writer.scan(b, "1_x", 1), 3)]);
    expect([...((await readerA?.done)?.points.keys() ?? [])]).toEqual(["a:data:1_x:timer:c0"]);
    expect([...((await readerB?.done)?.points.keys() ?? [])]).toEqual(["b:data:1_x:timer:c0"]);
  });

  it("ends by itself with the scan it began at, or below", async () => {
    const scan = await writer.scan(await writer.directory("s:data"), "1_ascan", 2);
    await scan.prepare();
    const whole = follow(await store.getNode(scan.dbName), "beginning", "never");
    const channel = follow(await store.getNode(scan.channels[1] ?? ""), "beginning", "never");
    await Promise.all([whole.ready, channel.ready]);
    await scan.emit(0, 2);
    await scan.emit(1, 3);
    await scan.end("<class 'RuntimeError'>");
    expect((await whole.done).ended.get(scan.dbName)).toBe("<class 'RuntimeError'>");
    expect((await channel.done).points).toEqual(new Map([[scan.channels[1], { first: 0, next: 3 }]]));
    expect((await channel.done).ended.size).toBe(0);
  });

  it("yields nodes without their events", async () => {
    const path = await writer.directory("s:data");
    const names: string[] = [];
    const ready = deferred<void>();
    const session = await store.getSessionNode("s");
    const walking = (async () => {
      for await (const { dbName } of session.walk({ filter: "scan", onReady: () => ready.resolve() })) {
        names.push(dbName);
        if (names.length === 3) return;
      }
    })();
    await runScan(await writer.scan(path, "1_a", 1), 1);
    await ready.promise;
    await runScan(await writer.scan(path, "2_b", 1), 1);
    await writer.scan(path, "3_c", 1);
    await walking;
    expect(names).toEqual(["s:data:1_a", "s:data:2_b", "s:data:3_c"]);
  });

  it("passes over what is excluded, and what the filter does not take", async () => {
    const path = await writer.directory("s:data");
    const scan = await writer.scan(path, "1_ascan", 2);
    await runScan(scan, 2);
    const session = await store.getSessionNode("s");
    const told = async (options: WalkOptions): Promise<string[]> => {
      const events: string[] = [];
      for await (const { type, node } of session.walkEvents({ ...options, wait: false }))
        events.push(`${type} ${node.name}`);
      return events;
    };
    expect(await told({ filter: "scan" })).toEqual(["NEW_NODE 1_ascan", "PREPARED_SCAN 1_ascan", "END_SCAN 1_ascan"]);
    expect(await told({ filter: ["channel"] })).toEqual([
      ...["NEW_NODE device:c0", "NEW_NODE device:c1", "NEW_DATA device:c0", "NEW_DATA device:c1"],
    ]);
    expect(await told({ exclude: "scan" })).toEqual([
      ...["NEW_NODE s", "NEW_NODE data", "NEW_NODE 1_ascan", "PREPARED_SCAN 1_ascan", "END_SCAN 1_ascan"],
    ]);
    expect(await told({ filter: (node) => node.name.endsWith("c1") })).toEqual([
      ...["NEW_NODE device:c1", "NEW_DATA device:c1"],
    ]);
    expect(await told({ exclude: "container" })).toEqual(["NEW_NODE s"]);
  });

  it("tells the end of sub scans before that of their sequence, from the past as well", async () => {
    const path = await writer.directory("s:data");
    const sequence = await writer.scan(path, "1_seq", 1, { type: "scan_group" });
    await sequence.prepare();
    for (const name of ["2_a", "3_b"]) await runScan(await writer.scan(path, name, 1), 2);
    await sequence.end();
    const events: string[] = [];
    const session = await store.getSessionNode("s");
    for await (const { type, node } of session.walkEvents({ filter: ["scan", "scan_group"], wait: false })) {
      if (type !== "PREPARED_SCAN") events.push(`${type} ${node.name}`);
    }
    expect(events[0]).toBe("NEW_NODE 1_seq");
    expect(events.at(-1)).toBe("END_SCAN 1_seq");
    expect(events.indexOf("END_SCAN 2_a")).toBeLessThan(events.indexOf("END_SCAN 3_b"));
  });
});

describe("a walk from now on", () => {
  it("tells the later points and the end of a scan that is running", async () => {
    const scan = await writer.scan(await writer.directory("s:data"), "1_ascan", 2);
    await scan.prepare();
    await scan.emit(0, 3);
    const { done, ready } = follow(await store.getSessionNode("s"), "now", scan.dbName);
    await ready;
    await scan.emit(0, 2);
    await scan.emit(1, 1);
    await scan.end();
    const log = await done;
    expect(log.names.size).toBe(0);
    expect(log.prepared.size).toBe(0);
    expect(log.points).toEqual(
      new Map([
        [scan.channels[0], { first: 3, next: 5 }],
        [scan.channels[1], { first: 0, next: 1 }],
      ]),
    );
    expect([...log.ended.keys()]).toEqual([scan.dbName]);
  });

  it("tells that a scan that was announced before is prepared now, and nodes that come after", async () => {
    const scan = await writer.scan(await writer.directory("s:data"), "1_ascan", 1);
    const { done, ready } = follow(await store.getSessionNode("s"), "now", scan.dbName);
    await ready;
    await writer.channel(`${scan.dbName}:timer:late`);
    await writer.tell(`${scan.dbName}:timer:late`);
    await runScan(scan, 1);
    const log = await done;
    expect([...log.names]).toEqual([`${scan.dbName}:timer:late`]);
    expect([...log.prepared]).toEqual([scan.dbName]);
  });

  it("says nothing of scans that have ended", async () => {
    const path = await writer.directory("s:data");
    for (const name of ["1_a", "2_b"]) await runScan(await writer.scan(path, name, 1), 2);
    const { done, ready } = follow(await store.getSessionNode("s"), "now", "s:data:3_c");
    await ready;
    await writer.tell("s:data:1_a"); // announced again
    await runScan(await writer.scan(path, "3_c", 1), 2);
    expect([...(await done).events].every((event) => event.includes("s:data:3_c"))).toBe(true);
    const ended: WalkEvent[] = [];
    for await (const event of (await store.getNode("s:data:1_a")).walkOnNewEvents()) ended.push(event);
    expect(ended).toEqual([]);
  });
});

/** Small and fast, the same everywhere. */
function randomOf(seed: number): (below: number) => number {
  let state = seed * 2654435761;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe("readers and writers that start and go on at random", () => {
  it.each(Array.from({ length: 12 }, (_, seed) => seed))(
    "lose nothing, double nothing, keep the order (seed %i)",
    async (seed) => {
      const random = randomOf(seed + 1);
      const pause = async (): Promise<void> => {
        for (let turns = random(4); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
      };
      const scans: WrittenScan[] = [];
      const writing = ["s:a", "s:a", "s:b"].map(async (path, index) => {
        const own = new ScanWriter(await redis.connect());
        await own.directory("s:a");
        await own.directory(path);
        for (let number = 0; number < 4; number++) {
          const scan = await own.scan(path, `${index}${number}_scan`, 1 + random(4));
          scans.push(scan);
          await pause();
          if (random(10) > 0) await scan.prepare();
          else continue; // crashed, it never ends
          for (let entries = random(20); entries > 0; entries--) {
            await scan.emit(random(scan.channels.length), 1 + random(3));
            if (random(3) === 0) await pause();
          }
          await scan.end();
        }
      });
      const snapshot = () =>
        new Map(
          scans.map(({ dbName, hasEnded, isEnding, written, sent }) => {
            return [dbName, { hasEnded, isEnding, written: [...written], sent: [...sent] }];
          }),
        );
      const reading = Array.from({ length: 4 }, async (_, index) => {
        for (let turns = random(40); turns > 0; turns--) await redis.connection.client.ping();
        const from = index % 2 === 0 ? "beginning" : "now";
        const before = snapshot();
        const reader = follow(await store.getSessionNode("s"), from, "s:z:last");
        await reader.ready;
        return { ...reader, from, before, after: snapshot() };
      });
      const readers = await Promise.all(reading);
      await Promise.all(writing);
      await nextMillisecond();
      const last = await writer.scan(await writer.directory("s:z"), "last", 1);
      await last.end();
      for (const { done, from, before, after } of readers) {
        const log = await done;
        for (const { dbName, hasEnded, channels, written } of scans) {
          const [earlier, later] = [before.get(dbName), after.get(dbName)];
          const isWhole = from === "beginning" || log.names.has(dbName);
          if (from === "beginning") expect(log.names).toContain(dbName);
          if (isWhole || !later?.isEnding) expect(log.ended.has(dbName)).toBe(hasEnded);
          if (from === "now" && earlier?.hasEnded) expect(log.ended.has(dbName)).toBe(false);
          for (const [channel, name] of channels.entries()) {
            const count = written[channel] ?? 0;
            const told = log.points.get(name) ?? { first: count, next: count };
            expect(told.next).toBe(later?.isEnding && !isWhole ? told.next : count);
            if (isWhole) expect(told.first).toBe(0);
            // From now: not what was there before the call, all that came after the walk was ready.
            else if (!later?.isEnding) expect(told.first).toBeLessThanOrEqual(later?.sent[channel] ?? 0);
            if (!isWhole) expect(told.first).toBeGreaterThanOrEqual(earlier?.written[channel] ?? 0);
          }
        }
      }
    },
  );
});
