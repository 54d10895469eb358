import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Walk, WalkEvent } from "../src/index.js";
import { newScan, redis, store, useStore } from "./store-fixture.js";

useStore();

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
