import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectRedis } from "@beamtime/redis";
import { findRedisServer, startRedisServer } from "@beamtime/redis/server";
import { afterEach, expect, it, vi } from "vitest";

afterEach(() => vi.unstubAllEnvs());

it("serves with the settings of the data server of a beamline", async () => {
  await using server = await startRedisServer({ role: "data" });
  await using connection = await connectRedis(server.target);
  const read = async (name: string): Promise<unknown> => ((await connection.client.config("GET", name)) as string[])[1];
  expect(await read("save")).toBe("");
  expect(await read("maxmemory")).toBe(String(2 ** 30));
  expect(await read("maxmemory-policy")).toBe("allkeys-lru");
  expect(await read("stream-node-max-entries")).toBe("100");
  expect(await read("port")).toBe("0");
});

it("keeps the settings in a file of its folder", async () => {
  const directory = await mkdtemp(join(tmpdir(), "beamtime-test-"));
  try {
    for (const expected of [null, "kept"]) {
      await using server = await startRedisServer({ role: "settings", directory });
      await using connection = await connectRedis(server.target, { db: 0 });
      expect(await connection.client.get("setting")).toBe(expected);
      await connection.client.set("setting", "kept");
    }
  } finally {
    await rm(directory, { recursive: true });
  }
});

it("removes its temporary folder when it stops, and may be stopped twice", async () => {
  const server = await startRedisServer();
  await access(server.target.path);
  await server.stop();
  await server.stop();
  await expect(access(server.target.path)).rejects.toThrow("ENOENT");
});

it("says why a server did not start", async () => {
  await expect(startRedisServer({ maxmemory: "plenty" })).rejects.toThrow("maxmemory");
});

it("takes the executable that REDIS_SERVER names, or says what is wrong with it", async () => {
  vi.stubEnv("REDIS_SERVER", "/bin/echo");
  await expect(findRedisServer()).rejects.toThrow("is no Redis server");
  vi.stubEnv("REDIS_SERVER", "/nowhere/redis-server");
  await expect(findRedisServer()).rejects.toThrow("does not run");
});
