import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { BeaconServer } from "@beamtime/beacon-server";
import { connectRedis } from "@beamtime/redis";
import { type RedisServer, startRedisServer } from "@beamtime/redis/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bliss } from "./real-beacon.js";

const python = bliss();
const script = fileURLToPath(new URL("beacon_requests.py", import.meta.url));
const files = {
  "__init__.yml": "beamline: id99\n",
  "motors/__init__.yml": "plugin: emotion\n",
  "motors/sim.yml": "- name: sx\n  steps_per_unit: 1000\n",
  "ignored/__init__.yml": "bliss_ignored: true\n",
  "ignored/x.yml": "a: 1\n",
  "sessions/scripts/helpers.py": "x = 1\n",
};

describe.skipIf(python === undefined)("the real Python clients on our Beacon server", () => {
  let folder: string;
  let root: string;
  let settings: RedisServer;
  let data: RedisServer;

  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), "beamtime-beacon-")));
    root = join(folder, "config");
    for (const [path, content] of Object.entries(files)) {
      await mkdir(join(root, path, ".."), { recursive: true });
      await writeFile(join(root, path), content);
    }
    await mkdir(join(folder, "outside"));
    await writeFile(join(folder, "outside/secret.yml"), "secret: 1\n");
    settings = await startRedisServer({ role: "settings", port: 0 });
    data = await startRedisServer({ role: "data", port: 0 });
  });

  afterAll(async () => {
    await settings?.stop();
    await data?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** What the Python program tells, by step. */
  async function told(
    mode: "requests" | "data",
    options: { socket?: string; hostname?: string; redisSockets?: boolean },
  ) {
    const location = (redis: RedisServer): { host: string; port: number; path?: string } => ({
      host: redis.host,
      port: redis.port ?? 0,
      ...(options.redisSockets ? redis.target : {}),
    });
    await using server = await BeaconServer.start({
      directory: root,
      settings: location(settings),
      data: location(data),
      socket: options.socket,
      hostname: options.hostname,
    });
    const { stdout } = await promisify(execFile)(python ?? "", ["-W", "ignore", script, mode], {
      env: { ...process.env, BEACON_HOST: server.address },
    });
    const steps: [string, unknown][] = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    return Object.fromEntries(steps);
  }

  it.each([
    ["TCP", false],
    ["Unix sockets", true],
  ])(
    "blissdata finds both Redis servers over %s, reads files, trees and beacon:// configuration",
    async (_, redisSockets) => {
      expect(await told("data", { redisSockets })).toEqual({
        get_file: files["motors/sim.yml"],
        "get_file missing": "raised RuntimeError",
        get_tree: { "__init__.yml": null, "sim.yml": null },
        read_config: [{ name: "sx", steps_per_unit: 1000 }],
      });
      for (const [redis, value] of [
        [settings, "settings"],
        [data, "data"],
      ] as const) {
        await using connection = await connectRedis(redis.target, { db: value === "data" ? 1 : 0 });
        expect(await connection.client.getdel("from_python")).toBe(value);
      }
    },
  );

  it.each([
    ["TCP", false],
    ["the Unix socket, to which it switches by itself", true],
  ])("bliss makes every request over %s", async (_, isSwitching) => {
    const socket = join(folder, "beacon.sock");
    const result = await told(
      "requests",
      isSwitching ? { socket, redisSockets: true } : { hostname: `not${hostname()}` },
    );
    const scripts = join(root, "sessions/scripts");
    const yaml = ["__init__.yml", "motors/__init__.yml", "motors/sim.yml"] as const;
    const contents = yaml.map((path) => [path, files[path]]);
    const address = (redis: RedisServer): unknown =>
      expect.stringContaining(isSwitching ? redis.target.path : `${redis.port}`);
    expect(result).toEqual({
      uds: [null, true],
      "uds after connecting": isSwitching ? socket : null,
      redis: address(settings),
      "data redis": address(data),
      "log server": "raised RuntimeError",
      "set name": null,
      name: "first",
      db: contents,
      "db of motors": contents.slice(1),
      "db of nothing": [],
      tree: {
        "__init__.yml": null,
        ignored: { "__init__.yml": null, "x.yml": null },
        motors: { "__init__.yml": null, "sim.yml": null },
        sessions: { scripts: { "helpers.py": null } },
      },
      "tree of nothing": "raised RuntimeError",
      file: files["motors/sim.yml"],
      "no file": "raised RuntimeError",
      "file outside": "raised RuntimeError",
      set: null,
      "file set": "x: 1 | é\n",
      "set outside": "raised RuntimeError",
      move: null,
      "tree moved": { "b.yml": null },
      remove: null,
      "remove nothing": null,
      modules: [["helpers", join(scripts, "helpers.py")]],
      "a module": "x = 1\n",
      "modules of nothing": [],
      who: { m1: "first", m2: "first" },
      "who of": { m2: "first" },
      contended: "raised RuntimeError",
      "who after retry": { m1: "first", m2: "second" },
      "who after count": { m2: "second" },
      "who after stealing": { m2: "first" },
      "who after closing": {},
    });
    await using connection = await connectRedis(settings.target, { db: 0 });
    expect(await connection.client.getdel("from_python")).toBe("hello");
    expect((await readdir(root)).sort()).toEqual(["__init__.yml", "ignored", "motors", "sessions"]);
    expect(await readdir(join(folder, "outside"))).toEqual(["secret.yml"]);
    expect(await readFile(join(root, "motors/sim.yml"), "utf8")).toBe(files["motors/sim.yml"]);
  });
});
