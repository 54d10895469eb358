import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { type Clock, deferred, systemClock } from "@beamtime/concurrency";
import { decodeEvent, decodeInfo, nodeKeys } from "@beamtime/protocol";
import { type DeadScan, type EndDeadScansOptions, endDeadScans, redisScanNumbers } from "@beamtime/publisher";
import { dumpDatabase, loadRedisVector, restoreVector, startTestRedis, type TestRedis } from "@beamtime/testing";
import { build } from "tsup";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { beginning, created, dataKey, ending, openSink, point, scanNode } from "./sample-scan.js";

let redis: TestRedis;

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.flush());

const running = "beamtime:running_scans";

/** A watcher in a hurry, with what it tells. */
function watch(options: Partial<EndDeadScansOptions> = {}) {
  const ended: DeadScan[] = [];
  const warnings: string[] = [];
  const first = deferred<DeadScan>();
  let looks = 0;
  const clock: Clock = {
    ...systemClock,
    sleep: (seconds, sleepOptions) => {
      looks += 1;
      return systemClock.sleep(seconds, sleepOptions);
    },
  };
  const watcher = endDeadScans({
    connection: redis.connection,
    staleSeconds: 0.3,
    intervalSeconds: 0.05,
    clock,
    onWarning: (message) => warnings.push(message),
    ...options,
    onEnded: async (scan) => {
      ended.push(scan);
      first.resolve(scan);
      await options.onEnded?.(scan);
    },
  });
  return {
    ended,
    warnings,
    first: first.promise,
    /** Looks for longer than a scan may be silent. */
    lookLong: () => {
      const enough = looks + 12;
      return vi.waitUntil(() => looks >= enough, { timeout: 10_000 });
    },
    [Symbol.asyncDispose]: () => watcher[Symbol.asyncDispose](),
  };
}

async function infoOf(node: string) {
  return decodeInfo(await redis.connection.client.hgetallBuffer(nodeKeys(node).info)).values;
}

async function endOf(node: string) {
  const [entry] = await redis.connection.client.xrangeBuffer(nodeKeys(node).end, "-", "+");
  return entry && decodeEvent(entry[1]);
}

const silent = { heartbeat: 1000 };

describe("a scan that gives no sign of life", () => {
  it("is ended as a failed scan: event, state, times, expiry", async () => {
    await using sink = openSink(redis.connection, silent);
    const info = { ...created.info, scan_nb: 1, save: true, filename: "/tmp/data.h5", session_name: "demo" };
    sink.pushAll([{ ...created, info }, ...beginning(2).slice(1), point(0, 0)]);
    await sink.flush();
    await using watcher = watch({ nodeTtl: 5000, dataTtl: 600 });
    const scan = await watcher.first;
    const { endTime } = scan;
    expect(scan).toEqual({
      dbName: scanNode,
      name: "ascan",
      number: 1,
      filename: "/tmp/data.h5",
      session: "demo",
      endTime,
    });
    expect(await endOf(scanNode)).toEqual({
      type: "END_SCAN",
      timestamp: endTime,
      exception: "<class 'beamtime.ProcessDied'>",
    });
    const { state, end_timestamp, end_time } = await infoOf(scanNode);
    expect([state, end_timestamp, end_time]).toEqual(["KILLED", endTime, new Date(endTime * 1000)]);
    expect(Math.abs(endTime - Date.now() / 1000)).toBeLessThan(5);

    const { keys } = await dumpDatabase(redis.connection);
    const below = keys.filter(({ key }) => key.startsWith(`${scanNode}:`));
    expect(below.length).toBeGreaterThan(6);
    for (const { key, ttl } of keys) {
      const expected = key.startsWith(`${scanNode}:`) ? 600 : 5000;
      expect(ttl, key).toBeGreaterThan(expected - 20);
      expect(ttl, key).toBeLessThanOrEqual(expected);
    }
  });

  it("does not expire with the data policy, but for what is below it", async () => {
    await using sink = openSink(redis.connection, silent);
    sink.pushAll([{ ...created, info: { ...created.info, data_policy: "ESRF" } }, ...beginning(1).slice(1)]);
    await sink.flush();
    await using watcher = watch({ dataTtl: 600 });
    await watcher.first;
    const { client } = redis.connection;
    expect(await Promise.all(["demo", scanNode, `${scanNode}_end`].map((key) => client.ttl(key)))).toEqual([
      -1, -1, -1,
    ]);
    expect(await client.ttl(dataKey(0))).toBeGreaterThan(0);
  });

  it("is ended by one of many watchers", async () => {
    await using sink = openSink(redis.connection, silent);
    sink.pushAll(beginning(1));
    await sink.flush();
    await using others = await redis.connect();
    const watchers = [watch(), watch(), watch({ connection: others }), watch({ connection: others })];
    await Promise.race(watchers.map(({ first }) => first));
    for (const watcher of watchers) await watcher[Symbol.asyncDispose]();
    expect(watchers.flatMap(({ ended }) => ended)).toHaveLength(1);
    expect(await redis.connection.client.xlen(`${scanNode}_end`)).toBe(1);
  });

  it("fails when it comes back, and writes nothing behind its end", async () => {
    await using sink = openSink(redis.connection, silent);
    sink.pushAll(beginning(1));
    await sink.flush();
    {
      await using watcher = watch();
      await watcher.first;
    }
    sink.push(point(0, 0));
    await sink.failed();
    expect(sink.failures).toMatchObject([{ code: "PUBLISHER", scan: scanNode }]);
    expect(String(sink.failures[0])).toMatch(/was declared dead after \d+ s without a sign of life/);
    sink.pushAll(ending);
    await expect(sink.flush()).rejects.toThrow("nothing more is written");
    expect(await redis.connection.client.xlen(dataKey(0))).toBe(0);
    expect((await infoOf(scanNode))["state"]).toBe("KILLED");
    expect(await redis.connection.client.zcard(running)).toBe(0);
  });

  it("lets the next scan of its parent take the next number", async () => {
    const { client } = redis.connection;
    const numbers = redisScanNumbers(redis.connection);
    const request = { parentPath: created.identity.parentPath, saved: true };
    expect(await numbers.next(request)).toBe(1);
    await using sink = openSink(redis.connection, silent);
    sink.push({ ...created, info: { ...created.info, publisher: "Beamtime" } });
    await sink.flush();
    await using watcher = watch();
    await watcher.first;
    expect(await numbers.next(request)).toBe(2);
    expect(await client.ttl("demo:tmp")).toBe(-1);
  });
});

describe("a scan that is alive", () => {
  it("is left alone, and no longer noted when it has ended", async () => {
    await using sink = openSink(redis.connection, { heartbeat: 0.05 });
    await using watcher = watch();
    sink.pushAll(beginning(1));
    await watcher.lookLong();
    expect(await redis.connection.client.zcard(running)).toBe(1);
    sink.pushAll([point(0, 0), ...ending]);
    await sink.flush();
    expect(watcher.ended).toEqual([]);
    expect(await redis.connection.client.exists(running)).toBe(0);
    expect((await infoOf(scanNode))["state"]).toBe("DONE");
  });

  it("is noted again when its note was evicted", async () => {
    await using sink = openSink(redis.connection, { heartbeat: 0.05 });
    sink.pushAll(beginning(1));
    await sink.flush();
    await redis.connection.client.del(running);
    await vi.waitFor(async () => expect(await redis.connection.client.zcard(running)).toBe(1), 10_000);
  });

  it("is left alone when it was the server that hung", async () => {
    await using sink = openSink(redis.connection, { heartbeat: 0.05 });
    await using watcher = watch();
    sink.pushAll(beginning(1));
    await sink.flush();
    redis.server.pause();
    await systemClock.sleep(0.6);
    redis.server.resume();
    await watcher.lookLong();
    expect(watcher.ended).toEqual([]);
    expect(sink.failures).toEqual([]);
  });
});

describe("what is no dead scan of ours", () => {
  it("is left alone: scans of real BLISS, ended or not", async () => {
    const vector = await loadRedisVector("redis-scan");
    await restoreVector(redis.connection, {
      keys: vector.keys.filter(({ key }) => !key.endsWith("_end")).map((key) => ({ ...key, ttl: -1 })),
    });
    const before = await dumpDatabase(redis.connection);
    await using watcher = watch();
    await watcher.lookLong();
    expect(await dumpDatabase(redis.connection)).toEqual(before);
    expect(watcher.ended).toEqual([]);
  });

  it("is forgotten: notes of scans that were evicted, or have ended", async () => {
    const { client } = redis.connection;
    await using sink = openSink(redis.connection);
    sink.pushAll([...beginning(1), ...ending]);
    await sink.flush();
    await client.zadd(running, 1, scanNode, 2, "demo:evicted");
    await using watcher = watch();
    await vi.waitFor(async () => expect(await client.exists(running)).toBe(0), 10_000);
    expect(watcher.ended).toEqual([]);
    expect(await client.xlen(`${scanNode}_end`)).toBe(1);
    expect(await client.exists("demo:evicted_info", "demo:evicted_end")).toBe(0);
  });
});

describe("a watcher", () => {
  it("goes on when what follows a dead scan fails, and says so", async () => {
    await using sink = openSink(redis.connection, silent);
    sink.pushAll(beginning(1));
    await sink.flush();
    const watcher = watch({ onEnded: () => Promise.reject(new Error("the file is locked")) });
    await watcher.first;
    await watcher[Symbol.asyncDispose]();
    expect(watcher.warnings).toEqual([`${scanNode} was ended, but what follows failed: the file is locked`]);
  });

  it("can be disposed of while the server hangs", async () => {
    redis.server.pause();
    const watcher = watch();
    await watcher[Symbol.asyncDispose]();
    redis.server.resume();
  });

  it("refuses seconds that make no sense", () => {
    const { connection } = redis;
    expect(() => endDeadScans({ connection, staleSeconds: 0 })).toThrow("staleSeconds is 0");
    expect(() => endDeadScans({ connection, nodeTtl: -1 })).toThrow("nodeTtl is -1");
  });
});

describe("a process that", () => {
  let folder: string;
  let child: ChildProcess | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "beamtime-test-"));
    await build({
      entry: { scan: new URL("endless-scan.ts", import.meta.url).pathname },
      outDir: folder,
      format: "esm",
      silent: true,
      config: false,
      noExternal: [/./],
      outExtension: () => ({ js: ".mjs" }),
      // ioredis asks for modules of node with require
      banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
      esbuildOptions: (options) => {
        options.conditions = ["@beamtime/source"];
      },
    });
  });
  afterAll(() => rm(folder, { recursive: true }));
  afterEach(() => child?.kill("SIGKILL"));

  /** Runs the scan of the program. */
  function run(): { child: ChildProcess; lines: Interface } {
    const args = [join(folder, "scan.mjs"), redis.server.target.path, "0.05"];
    const started = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    child = started;
    return { child: started, lines: createInterface({ input: started.stdout }) };
  }

  const node = "demo:tmp:1_endless";

  it("is killed in the middle of a scan leaves a scan that ends for all readers", async () => {
    const { child, lines } = run();
    await using watcher = watch();
    for await (const line of lines) if (line === "point 5") child.kill("SIGKILL");
    const { dbName } = await watcher.first;
    expect(dbName).toBe(node);
    expect(await endOf(node)).toMatchObject({ exception: "<class 'beamtime.ProcessDied'>" });
    expect((await infoOf(node))["state"]).toBe("KILLED");
    expect(await redis.connection.client.xlen(`${node}:timer:reporter:index_data`)).toBeGreaterThan(0);
  });

  it("is frozen, declared dead and comes back writes nothing behind the end, and says why its scan failed", async () => {
    const { child, lines } = run();
    await using watcher = watch();
    const published = () => redis.connection.client.xrange(`${node}:timer:reporter:index_data`, "-", "+");
    let before: unknown;
    const output: string[] = [];
    const exit = once(child, "exit");
    for await (const line of lines) {
      output.push(line);
      if (line !== "point 5") continue;
      child.kill("SIGSTOP");
      await watcher.first;
      before = await published();
      child.kill("SIGCONT");
    }
    await exit;
    expect(output.at(-1)).toMatch(/^failed .*1_endless was declared dead after \d+ s without a sign of life/);
    expect((await infoOf(node))["state"]).toBe("KILLED");
    expect(await redis.connection.client.xlen(nodeKeys(node).end)).toBe(1);
    expect(await published()).toEqual(before);
  });
});
