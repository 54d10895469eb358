import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { access, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { connectRedis } from "@beamtime/redis";
import { findRedisServer, startRedisServer } from "@beamtime/redis/server";
import { afterEach, expect, it, vi } from "vitest";
import { childProgram } from "./child-program.js";

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

it("ends with the process that started it, however that ends, and not by the signals of its terminal", async () => {
  await using child = await childProgram(`
    import { startRedisServer } from "./server.js";
    process.on("SIGINT", () => console.log("interrupted"));
    const { pid, target } = await startRedisServer();
    console.log(pid, target.path);
    setInterval(() => {}, 1000);`);
  for (const signal of ["SIGKILL", "SIGHUP", "SIGTERM"] as const) {
    const parent = spawn(process.execPath, [child.program], { stdio: ["ignore", "pipe", "inherit"], detached: true });
    const group = -(parent.pid ?? Number.NaN); // as the terminal of a program signals it and all that it started
    const [pidText, socket = ""] = String((await once(parent.stdout, "data"))[0]).split(/\s/);
    const pid = Number(pidText);
    const look = (): boolean => process.kill(pid, 0); // throws when there is no such process
    process.kill(group, "SIGINT");
    await once(parent.stdout, "data");
    expect(look()).toBe(true);
    process.kill(group, signal);
    await vi.waitFor(() => expect(look).toThrow("ESRCH"), 10_000);
    await vi.waitFor(() => expect(existsSync(dirname(socket))).toBe(false), { timeout: 10_000 });
  }
});

/** A program that calls itself a Redis server of a version. */
async function claimant(folder: string, name: string, version: string): Promise<string> {
  const executable = join(folder, name);
  await writeFile(executable, `#!/bin/sh\necho "Redis server v=${version} sha=0"\n`, { mode: 0o755 });
  return executable;
}

it("takes the server on PATH, else the one in the project's cache, and no old one", async () => {
  const folder = await mkdtemp(join(tmpdir(), "beamtime-test-"));
  try {
    vi.stubEnv("REDIS_SERVER", undefined);
    vi.stubEnv("PATH", folder);
    vi.stubEnv("BEAMTIME_CACHE", join(folder, "cache"));
    await expect(findRedisServer()).rejects.toThrow("install the package redis-server or valkey");
    await claimant(folder, "redis-server", "5.0.7");
    await expect(findRedisServer()).rejects.toThrow("is Redis 5.0.7; 6.2 or newer is needed");
    await mkdir(join(folder, "cache", "redis"), { recursive: true });
    const cached = await claimant(join(folder, "cache", "redis"), "unpacked", "7.0.15");
    const note = join(folder, "cache", "redis", "redis-server.json");
    await writeFile(note, JSON.stringify({ executable: cached, libraryPath: "/libraries" }));
    expect(await findRedisServer()).toMatchObject({
      executable: cached,
      version: "7.0.15",
      env: { LD_LIBRARY_PATH: "/libraries" },
    });
    const valkey = await claimant(folder, "valkey-server", "8.1.0");
    expect(await findRedisServer()).toMatchObject({ executable: valkey, version: "8.1.0" });
  } finally {
    await rm(folder, { recursive: true });
  }
});
