import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deferred } from "@beamtime/concurrency";
import { connectRedis, RedisError } from "@beamtime/redis";
import {
  type RedisSupervisionEvent,
  type SupervisedRedis,
  type SuperviseRedisOptions,
  startRedisServer,
  superviseRedis,
} from "@beamtime/redis/server";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { childProgram } from "./child-program.js";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "beamtime-test-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** The next event of a kind. */
function eventsOf(): { onEvent: (event: RedisSupervisionEvent) => void; next(kind: string): Promise<string> } {
  const seen: RedisSupervisionEvent[] = [];
  let wake = deferred<void>();
  return {
    onEvent: (event) => {
      seen.push(event);
      wake.resolve();
      wake = deferred();
    },
    next: async (kind) => {
      for (;;) {
        const event = seen.shift();
        if (event?.kind === kind) return event.message;
        if (!event) await wake.promise;
      }
    },
  };
}

async function settingOf(redis: SupervisedRedis): Promise<string | null> {
  await using connection = await connectRedis(redis.target, { db: 0 });
  return connection.client.get("setting");
}

async function keepSetting(redis: SupervisedRedis, value: string, save = false): Promise<void> {
  await using connection = await connectRedis(redis.target, { db: 0 });
  await connection.client.set("setting", value);
  if (save) await connection.client.save();
}

describe.each([false, true])("a supervised server that survives: %s", (survives) => {
  it("is started again when it dies, in the same place, with what it saved last", async () => {
    const events = eventsOf();
    await using redis = await superviseRedis({
      role: "settings",
      directory,
      port: 0,
      survives,
      onEvent: events.onEvent,
    });
    const { pid, port, target } = redis;
    await keepSetting(redis, "saved", true);
    process.kill(pid, "SIGKILL");
    expect(await events.next("died")).toContain(`process ${pid}`);
    await events.next("restarted");
    expect(redis.state).toBe("running");
    expect(redis.pid).not.toBe(pid);
    expect([redis.port, redis.target]).toEqual([port, target]);
    expect(await settingOf(redis)).toBe("saved");
    await using connection = await connectRedis({ host: redis.host, port: redis.port ?? 0 });
    expect(await connection.client.ping()).toBe("PONG");
  });

  it("is left alone, loudly, when it dies again and again", async () => {
    const events = eventsOf();
    await using redis = await superviseRedis({ directory, survives, onEvent: events.onEvent });
    for (let death = 0; death < 5; death++) {
      process.kill(redis.pid, "SIGKILL");
      await events.next("died");
      if (death < 4) await events.next("restarted");
    }
    expect(await events.next("failed")).toContain("died 5 times within moments");
    expect(redis.state).toBe("failed");
  });

  it("saves its settings when it is stopped, and is found again in the next life", async () => {
    for (const expected of [null, "kept"]) {
      await using redis = await superviseRedis({ role: "settings", directory, survives });
      expect(await settingOf(redis)).toBe(expected);
      await keepSetting(redis, "kept");
    }
  });

  it("ends while it waits to be started again", async () => {
    const events = eventsOf();
    const redis = await superviseRedis({ directory, survives, onEvent: events.onEvent });
    process.kill(redis.pid, "SIGKILL");
    await events.next("died");
    await redis[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
    expect(redis.state).toBe("stopped");
    await expect(connectRedis(redis.target)).rejects.toThrow(RedisError);
  });

  it("tells its last words when it does not start", async () => {
    await expect(superviseRedis({ directory, survives, maxmemory: "plenty" })).rejects.toThrow("maxmemory");
  });

  it("leaves both sockets of a directory apart", async () => {
    await using settings = await superviseRedis({ role: "settings", directory, survives });
    await using data = await superviseRedis({ role: "data", directory, survives });
    await keepSetting(settings, "here");
    expect(await settingOf(data)).toBeNull();
  });
});

const server = (options: SuperviseRedisOptions): string => `
  import { superviseRedis } from "./server.js";
  const redis = await superviseRedis(${JSON.stringify(options)});
  console.log(redis.pid + " " + redis.port);
  setInterval(() => {}, 1000);`;

describe("the death of the supervisor's process", () => {
  it("is survived by a server that shall, which the next supervisor adopts with its data", async () => {
    const options = { role: "data", directory, port: 0, survives: true } as const;
    await using child = await childProgram(server(options));
    const parent = spawn(process.execPath, [child.program], { stdio: ["ignore", "pipe", "inherit"] });
    const [pid, port] = String((await once(parent.stdout, "data"))[0])
      .split(" ")
      .map(Number);
    await using connection = await connectRedis(`127.0.0.1:${port}`, { db: 0 });
    await connection.client.set("setting", "in memory");

    const second = superviseRedis(options);
    await expect(second).rejects.toThrow(`supervised by process ${parent.pid}`);
    parent.kill("SIGKILL");
    await once(parent, "exit");
    const events = eventsOf();
    const redis = await superviseRedis({ ...options, onEvent: events.onEvent });
    expect([redis.pid, redis.port]).toEqual([pid, port]);
    await events.next("adopted");
    expect(await settingOf(redis)).toBe("in memory");
    expect(connection.state).toBe("ready");

    process.kill(redis.pid, "SIGKILL");
    await events.next("restarted");
    expect(redis.pid).not.toBe(pid);
    expect(redis.port).toBe(port);
    await redis[Symbol.asyncDispose]();
    await expect(connectRedis(redis.target)).rejects.toThrow(RedisError);
  });

  it("is the end of a server that shall not survive", async () => {
    await using child = await childProgram(server({ role: "data", directory }));
    const parent = spawn(process.execPath, [child.program], { stdio: ["ignore", "pipe", "inherit"] });
    const pid = Number.parseInt(String((await once(parent.stdout, "data"))[0]), 10);
    parent.kill("SIGKILL");
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow("ESRCH"), 10_000);
    await using redis = await superviseRedis({ role: "data", directory });
    expect(redis.pid).not.toBe(pid);
  });
});

describe("a place that is taken", () => {
  it("is told apart: by a Redis server of another place", async () => {
    await using other = await startRedisServer({ port: 0 });
    const onPort = superviseRedis({ directory, port: other.port ?? 0 });
    await expect(onPort).rejects.toThrow(
      new RegExp(
        `port 127.0.0.1:${other.port} is taken by the Redis server of .* \\(process ${other.pid}\\).* another port`,
      ),
    );
    const onSocket = superviseRedis({ directory, socket: other.target.path });
    await expect(onSocket).rejects.toThrow(/uses the socket .*: stop it, or give another socket/);
    await using connection = await connectRedis(other.target);
    expect(await connection.client.ping()).toBe("PONG");
  });

  it("is told apart: by a program that is no Redis server", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = silent.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    await expect(superviseRedis({ directory, port })).rejects.toThrow(
      `port 127.0.0.1:${port} is taken, by something that is no Redis server`,
    );
    silent.close();
  });

  it("is told apart: by the server of this directory with another port, or without the wish to adopt it", async () => {
    await using running = await superviseRedis({ directory, port: 0 });
    await using probe = await startRedisServer({ port: 0 });
    const { port } = probe;
    await probe.stop();
    await expect(superviseRedis({ directory, port: port ?? 0 })).rejects.toThrow(
      `runs already, on port ${running.port}: use this port, or stop it with kill ${running.pid}`,
    );
    await expect(superviseRedis({ directory, port: 0 })).rejects.toThrow(
      `runs already (process ${running.pid}): stop it first`,
    );
  });
});

it("needs a directory to survive", async () => {
  await expect(superviseRedis({ survives: true })).rejects.toThrow("needs a directory");
});

it("refuses a path that is too long for a Unix socket", async () => {
  await expect(superviseRedis({ directory: join(directory, "x".repeat(100)) })).rejects.toThrow(
    "too long for a Unix socket",
  );
});

it("ends a server that refuses to end because it cannot save", async () => {
  const redis = await startRedisServer({ role: "settings", directory });
  await using connection = await connectRedis(redis.target, { db: 0 });
  await connection.client.set("setting", "lost");
  await mkdir(join(directory, "beacon.rdb")); // no file can take this place
  await redis.stop();
  expect(() => process.kill(redis.pid, 0)).toThrow("ESRCH");
}, 30_000);

it("is started again also in a temporary directory, which is still there", async () => {
  const events = eventsOf();
  await using redis = await superviseRedis({ role: "settings", onEvent: events.onEvent });
  await keepSetting(redis, "kept", true);
  process.kill(redis.pid, "SIGKILL");
  await events.next("restarted");
  await new Promise((resolve) => setTimeout(resolve, 1500)); // a watcher of the dead one would tidy up within a second
  expect(await settingOf(redis)).toBe("kept");
  await keepSetting(redis, "kept again", true);
});
