import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { stat, writeFile } from "node:fs/promises";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import { beaconMessage as m } from "@beamtime/protocol";
import { describe, expect, it } from "vitest";
import { BeaconServer } from "../src/index.js";
import { configFolder } from "./config-folder.js";
import { WireClient } from "./wire-client.js";

const settings = { host: "127.0.0.1", port: 6379, path: "/run/redis.sock" };

describe("the place where a Beacon server listens", () => {
  it("is loopback, and is told as BEACON_HOST takes it", async () => {
    await using server = await BeaconServer.start({ settings });
    expect(server.address).toBe(`127.0.0.1:${server.port}`);
    await using open = await BeaconServer.start({ settings, host: "0.0.0.0", hostname: "ctrl1" });
    expect(open.address).toBe(`ctrl1:${open.port}`);
  });

  it.runIf(Object.values(networkInterfaces()).some((places) => places?.some(({ address }) => address === "::1")))(
    "is told as BEACON_HOST takes it where it is an address of IPv6",
    async () => {
      await using server = await BeaconServer.start({ settings, host: "::1" });
      expect(server.address).toBe(`[::1]:${server.port}`);
    },
  );

  it("is not shared: the second server names the port and what to do", async () => {
    await using server = await BeaconServer.start({ settings });
    await expect(BeaconServer.start({ settings, port: server.port })).rejects.toThrow(
      expect.objectContaining({
        code: "BEACON_SERVER",
        message: `cannot listen on 127.0.0.1:${server.port} (another server has this port): give another port, or 0 for a free one`,
      }),
    );
    await using client = await WireClient.open(server);
    expect((await client.ask(m.redisQuery))[0]).toBe(m.redisAnswer);
  });

  it("is an address of this machine, or said to be none", async () => {
    // for documentation: no machine has it
    await expect(BeaconServer.start({ settings, host: "192.0.2.1" })).rejects.toThrow(
      /192\.0\.2\.1:0 .*: give the host/,
    );
  });

  it("may be a Unix socket as well, whose clients are local and may be of any user", async () => {
    await using folder = await configFolder();
    const socket = join(folder.outside, "beacon.sock");
    const server = await BeaconServer.start({ settings, socket });
    expect((await stat(socket)).mode & 0o777).toBe(0o777);
    await using client = await WireClient.open({ path: socket });
    expect(await client.ask(m.redisQuery)).toEqual([m.redisAnswer, "localhost:/run/redis.sock"]);
    await server.close();
    expect(existsSync(socket)).toBe(false);
  });

  it("is told to clients of this machine that ask for the Unix socket, and only where there is one", async () => {
    await using folder = await configFolder();
    const socket = join(folder.outside, "beacon.sock");
    await using server = await BeaconServer.start({ settings, socket });
    await using client = await WireClient.open(server);
    expect(await client.ask(m.socketQuery, hostname())).toEqual([m.socketOk, socket]);
    expect(await client.ask(m.socketQuery, "elsewhere")).toEqual([m.socketFailed, ""]);
    await using without = await BeaconServer.start({ settings });
    await using other = await WireClient.open(without);
    expect(await other.ask(m.socketQuery, hostname())).toEqual([m.socketFailed, ""]);
  });

  it("takes over the Unix socket of a dead server, not that of a living one, nor another file", async () => {
    await using folder = await configFolder();
    const socket = join(folder.outside, "beacon.sock");
    const program = `require("net").createServer().listen(${JSON.stringify(socket)}, () => console.log("up"))`;
    const dead = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
    await once(dead.stdout, "data");
    const taken = expect.objectContaining({ code: "BEACON_SERVER", message: expect.stringContaining(socket) });
    await expect(BeaconServer.start({ settings, socket })).rejects.toThrow(taken);
    dead.kill("SIGKILL");
    await once(dead, "close");
    expect(existsSync(socket)).toBe(true);
    await using server = await BeaconServer.start({ settings, socket });
    await using client = await WireClient.open({ path: socket });
    expect((await client.ask(m.redisQuery))[0]).toBe(m.redisAnswer);
    const file = join(folder.outside, "file");
    await writeFile(file, "precious");
    await expect(BeaconServer.start({ settings, socket: file })).rejects.toThrow("another server or file");
    expect(server.port).toBeGreaterThan(0);
  });

  it("is free again when the socket beside the port cannot be made", async () => {
    await using first = await BeaconServer.start({ settings });
    const { port } = first;
    await first.close();
    await expect(BeaconServer.start({ settings, port, socket: "/nowhere/at/all.sock" })).rejects.toThrow("Unix socket");
    await using again = await BeaconServer.start({ settings, port });
    expect(again.port).toBe(port);
  });

  it("drops its clients when it closes, finishes a write that is under way, and closes twice", async () => {
    await using folder = await configFolder();
    const server = await BeaconServer.start({ directory: folder.root, settings });
    await using client = await WireClient.open(server);
    client.send(m.getClientName, "0|");
    client.send(m.writeFile, `1|a.yml|${"x".repeat(60_000)}`);
    await client.next();
    await server.close();
    await client.closed();
    const size = await stat(join(folder.root, "a.yml")).then(
      ({ size }) => size,
      () => 60_000,
    );
    expect(size).toBe(60_000);
    await server.close();
  });
});
