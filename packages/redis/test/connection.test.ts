import { connectRedis, RedisError } from "@beamtime/redis";
import { type RedisServer, startRedisServer } from "@beamtime/redis/server";
import { afterAll, beforeAll, expect, it } from "vitest";

let server: RedisServer;

beforeAll(async () => {
  server = await startRedisServer({ role: "data", port: 0 });
});
afterAll(() => server.stop());

it("connects to the data database under the name of this process", async () => {
  await using connection = await connectRedis(server.target);
  const info = String(await connection.client.client("INFO"));
  expect(info).toContain("db=1");
  expect(info).toMatch(new RegExp(`name=\\S+:${process.pid} `));
});

it.each([
  ["host:port", () => `127.0.0.1:${server.port}`, 1],
  ["a URL with a database", () => `redis://127.0.0.1:${server.port}/3`, 3],
  ["a path", () => server.target.path, 1],
  ["unix:", () => `unix:${server.target.path}`, 1],
])("takes an address as %s", async (_, address, db) => {
  await using connection = await connectRedis(address());
  expect(await connection.client.ping()).toBe("PONG");
  expect(connection.db).toBe(db);
});

it("says which server cannot be reached and what to do", async () => {
  const failure = await connectRedis("/nowhere/redis.sock").catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(RedisError);
  expect(failure).toMatchObject({ code: "REDIS", address: "/nowhere/redis.sock" });
  expect(String(failure)).toContain("check that the server runs");
});

it("refuses a database that the server does not have", async () => {
  await expect(connectRedis(server.target, { db: 99 })).rejects.toThrow("fewer databases");
});

it("refuses an address that is none", async () => {
  await expect(connectRedis("somewhere")).rejects.toThrow("expected 'host:port'");
});

it("gives up connecting with the signal's reason", async () => {
  await using frozen = await startRedisServer();
  frozen.pause();
  const giveUp = new AbortController();
  const connecting = connectRedis(frozen.target, { signal: giveUp.signal });
  giveUp.abort(new Error("enough"));
  await expect(connecting).rejects.toThrow("enough");
});

it("comes back by itself after the server has, telling both", async () => {
  await using first = await startRedisServer({ directory: `${server.target.path}.again` });
  await using connection = await connectRedis(first.target);
  const states: string[] = [];
  const back = new Promise<void>((resolve) => {
    connection.onState((state) => {
      states.push(state);
      if (state === "ready") resolve();
    });
  });
  await first.kill();
  await using _second = await startRedisServer({ directory: `${server.target.path}.again` });
  await back;
  expect(states).toEqual(["lost", "ready"]);
  expect(await connection.client.ping()).toBe("PONG");
});

it("can be closed while the server is away, which rejects what waits", async () => {
  const gone = await startRedisServer();
  const connection = await connectRedis(gone.target);
  const lost = new Promise<void>((resolve) => {
    connection.onState((state) => state === "lost" && resolve());
  });
  await gone.kill();
  await lost;
  const waiting = expect(connection.client.ping()).rejects.toThrow("closed");
  await connection.close();
  await connection.close();
  await waiting;
  expect(connection.state).toBe("closed");
});

it("duplicates to another connection of the same database", async () => {
  await using connection = await connectRedis(server.target, { db: 4 });
  await using other = await connection.duplicate();
  await connection.client.set("key", "value");
  expect(await other.client.get("key")).toBe("value");
  expect(other.client).not.toBe(connection.client);
});
