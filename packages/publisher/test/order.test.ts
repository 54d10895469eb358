import { encodeInfo, nodeKeys, readPickle } from "@beamtime/protocol";
import { startTestRedis, type TestRedis } from "@beamtime/testing";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { beginning, created, dataKey, ending, info, openSink, point, scanNode } from "./sample-scan.js";

let redis: TestRedis;

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.flush());

/** Every command that the server runs, also those of scripts, while `task` goes on. */
async function monitored(task: () => Promise<void>): Promise<string[][]> {
  const monitor = await redis.connection.client.monitor();
  const commands: string[][] = [];
  const last = new Promise<void>((resolve) => {
    monitor.on("monitor", (_time: string, args: string[]) => {
      if (args[0] === "echo" && args[1] === "the end") resolve();
      else commands.push(args);
    });
  });
  await task();
  await redis.connection.client.echo("the end");
  await last;
  monitor.disconnect();
  return commands;
}

async function publishSample(): Promise<void> {
  await using sink = openSink(redis.connection);
  sink.pushAll([...beginning(2), point(0, 0), point(1, 0), ...ending]);
  await sink.flush();
}

it("writes the info, struct, streams, version and parent of a node before it announces it, and parents first", async () => {
  const commands = await monitored(publishSample);
  const index = (...start: string[]): number => {
    return commands.findIndex(
      ([name, ...args]) => name?.toUpperCase() === start[0] && start.slice(1).every((arg, at) => args[at] === arg),
    );
  };
  const announcement = (node: string, parent: string): number =>
    index("XADD", nodeKeys(parent).children, "*", "__EVENT__", "NEW_NODE", "db_name", node);
  const nodes: [node: string, streams: string[], parent: string | undefined, infoFirst: boolean][] = [
    ["demo", ["demo_children_list"], undefined, false],
    ["demo:tmp", ["demo:tmp_children_list"], "demo", false],
    [scanNode, ["_children_list", "_end", "_prepared"].map((suffix) => scanNode + suffix), "demo:tmp", true],
    [`${scanNode}:timer`, [`${scanNode}:timer_children_list`], scanNode, false],
    [`${scanNode}:timer:c0`, [dataKey(0)], `${scanNode}:timer`, true],
    [`${scanNode}:timer:c1`, [dataKey(1)], `${scanNode}:timer`, true],
  ];
  let lastAnnouncement = -1;
  for (const [node, streams, parent, hasInfo] of nodes) {
    const steps = [
      ...(hasInfo ? [index("HSET", nodeKeys(node).info)] : []),
      index("HSET", node, "version", "None"),
      ...streams.map((stream) => index("XADD", stream, "0-1")),
      index("HSET", node, "version", "v1.1"),
      ...(parent === undefined ? [] : [index("HSET", node, "parent", parent), announcement(node, parent)]),
    ];
    expect(steps, node).not.toContain(-1);
    expect(steps, node).toEqual(steps.toSorted((a, b) => a - b));
    if (parent !== undefined) {
      expect(announcement(node, parent)).toBeGreaterThan(lastAnnouncement);
      lastAnnouncement = announcement(node, parent);
    }
  }
});

it("writes PREPARED after STARTING's predecessor, data after STARTING, END after the data, DONE after the expiry", async () => {
  const commands = await monitored(publishSample);
  const stateBytes = (state: string): string => {
    const [[, bytes] = ["", new Uint8Array()]] = encodeInfo({ state });
    return Buffer.from(bytes).toString("latin1");
  };
  const state = (name: string): number =>
    commands.findIndex((args) => args[0] === "HSET" && args[2] === "state" && args[3]?.includes(name));
  const event = (name: string): number => commands.findIndex((args) => args[0] === "XADD" && args.includes(name));
  const expiry = commands.findLastIndex((args) => args[0] === "EXPIRE");
  const steps = [
    state("PREPARING"),
    event("PREPARED_SCAN"),
    state("STARTING"),
    event("CHANNELDATA"),
    state("STOPPING"),
    event("END_SCAN"),
    expiry,
    state("DONE"),
  ];
  expect(stateBytes("DONE")).toContain("DONE");
  expect(steps).not.toContain(-1);
  expect(steps).toEqual(steps.toSorted((a, b) => a - b));
});

it("lets a reader that wakes at a NEW_NODE find everything of the node", async () => {
  const { client } = await redis.connect();
  const found: string[] = [];
  const seen = new Map([["demo_children_list", "0"]]);
  const reading = (async () => {
    while (found.length < 5) {
      const answer = await client.xread("BLOCK", 0, "STREAMS", ...seen.keys(), ...seen.values());
      for (const [stream, entries] of answer ?? []) {
        for (const [id, fields] of entries) {
          const node = fields[3] ?? "";
          seen.set(stream, id);
          found.push(node);
          const { version, parent, node_type: type } = await client.hgetall(node);
          expect([version, `${parent}_children_list`]).toEqual(["v1.1", stream]);
          const streams =
            type === "channel"
              ? ["_data"]
              : type === "scan"
                ? ["_children_list", "_end", "_prepared"]
                : ["_children_list"];
          for (const suffix of streams) expect(await client.type(node + suffix)).toBe("stream");
          if (type !== "channel") seen.set(`${node}_children_list`, "0");
          if (type === "channel") expect(await client.hlen(`${node}_info`)).toBe(5);
          if (type === "scan") expect(await client.hlen(`${node}_info`)).toBe(Object.keys(info).length + 1);
        }
      }
    }
  })();
  await publishSample();
  await reading;
  expect(found).toEqual(["demo:tmp", scanNode, `${scanNode}:timer`, `${scanNode}:timer:c0`, `${scanNode}:timer:c1`]);
});

it("changes the info and tells PREPARED and END in one step", async () => {
  const { client } = await redis.connect();
  const titleWhenWoken = async (stream: string): Promise<unknown> => {
    await client.xread("BLOCK", 0, "STREAMS", stream, "0-1");
    return readPickle((await client.hgetBuffer(`${scanNode}_info`, "title")) ?? Buffer.alloc(0));
  };
  await using sink = openSink(redis.connection);
  sink.push(created);
  await sink.flush();
  const prepared = titleWhenWoken(`${scanNode}_prepared`);
  sink.push({ type: "prepared", time: 1001, info: { ...info, title: "when prepared" } });
  expect(await prepared).toBe("when prepared");
  const ended = titleWhenWoken(`${scanNode}_end`);
  sink.push({ type: "ended", time: 1002, reason: "SUCCESS", info: { ...info, title: "when ended" } });
  expect(await ended).toBe("when ended");
  expect(await client.hexists(`${scanNode}_info`, "sleep_time")).toBe(0);
});
