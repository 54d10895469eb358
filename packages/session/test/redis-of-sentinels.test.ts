import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectBeacon } from "@beamtime/beacon-client";
import { connectRedis } from "@beamtime/redis";
import { findRedisServer, startRedisServer } from "@beamtime/redis/server";
import { expect, it, vi } from "vitest";
import { startBeacon } from "../src/index.js";

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo; // a TCP server that listens has one
  await once(probe.close(), "close");
  return port;
}

it("a master that sentinels know is what a Beacon server tells its clients", async () => {
  const directory = await mkdtemp(join(tmpdir(), "beamtime-test-"));
  const master = await startRedisServer({ port: 0 });
  const port = await freePort();
  const file = join(directory, "sentinel.conf");
  await writeFile(file, `port ${port}\nbind 127.0.0.1\nsentinel monitor beamline 127.0.0.1 ${master.port} 1\n`);
  const { executable, env } = await findRedisServer();
  const sentinel = spawn(executable, [file, "--sentinel"], { env, stdio: "ignore" });
  const ended = once(sentinel, "exit");
  try {
    const target = { sentinels: [{ host: "127.0.0.1", port }], name: "beamline" };
    await vi.waitFor(async () => (await connectRedis(target)).close(), 20_000);
    await using beacon = await startBeacon({ settings: target, data: target });
    await using client = await connectBeacon({ address: beacon.address });
    const told = { host: "localhost", port: master.port };
    expect([await client.settingsRedis(), await client.dataRedis()]).toEqual([told, told]);
  } finally {
    sentinel.kill();
    await ended;
    await master.stop();
    await rm(directory, { recursive: true });
  }
});
