import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BeaconServer } from "@beamtime/beacon-server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BeaconClient, connectBeacon } from "../src/index.js";

const settings = { host: "localhost", port: 6379 };

let directory: string;
let server: BeaconServer;
let ours: BeaconClient;
let other: BeaconClient;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "beamtime-beacon-"));
  server = await BeaconServer.start({ directory, settings });
  [ours, other] = await Promise.all([
    connectBeacon({ address: server.address, name: "ours" }),
    connectBeacon({ address: server.address, name: "other" }),
  ]);
});
afterEach(async () => {
  await Promise.all([ours.close(), other.close()]);
  await server.close();
  await rm(directory, { recursive: true });
});

describe("our own server", () => {
  it("reads, writes, moves, lists and removes files", async () => {
    await ours.writeFile("motors/__init__.yml", "plugin: emotion\n");
    await ours.writeFile("motors/a.yml", "- name: x\n");
    await ours.moveFile("motors/a.yml", "motors/b.yml");
    const { files, problems } = await other.readConfigFiles("motors");
    expect(problems).toEqual([]);
    expect(files).toEqual([
      { path: "motors/__init__.yml", content: "plugin: emotion\n" },
      { path: "motors/b.yml", content: "- name: x\n" },
    ]);
    expect(await ours.listFiles()).toEqual(["motors/__init__.yml", "motors/b.yml"]);
    expect(await ours.modules("motors")).toEqual([]);
    await ours.removeFile("motors");
    expect(await other.listFiles()).toEqual([]);
  });

  it("refuses what it cannot do without closing the connection", async () => {
    const states: string[] = [];
    ours.onState((state) => states.push(state));
    await expect(ours.readFile("missing.yml")).rejects.toMatchObject({ code: "BEACON_FILE", path: "missing.yml" });
    await expect(ours.readFile("../outside")).rejects.toMatchObject({ code: "BEACON_FILE", path: "../outside" });
    await expect(ours.moveFile("missing", "there")).rejects.toMatchObject({ code: "BEACON_FILE", action: "move" });
    await expect(ours.dataRedis()).rejects.toThrow("has no data Redis");
    expect(await ours.settingsRedis()).toEqual(settings);
    expect(states).toEqual([]);
  });

  it("keeps locks: holder, wait, release, a higher priority", async () => {
    const held = await ours.locks.acquire(["m1", "m2"]);
    await expect(other.locks.acquire(["m2"], { timeout: 0 })).rejects.toMatchObject({
      holders: new Map([["m2", "ours"]]),
    });
    const waiting = [other.locks.acquire(["m1"]), other.locks.acquire(["m2"])];
    held.release();
    const [, second] = await Promise.all(waiting);
    await using _ = await ours.locks.acquire(["m2"], { priority: 51 });
    if (!second?.lost.aborted) await once(second?.lost ?? new EventTarget(), "abort");
    expect(await ours.locks.holders()).toEqual(
      new Map([
        ["m1", "other"],
        ["m2", "ours"],
      ]),
    );
  });

  it("frees the locks of a client that is gone", async () => {
    await other.locks.acquire(["m1"]);
    const waiting = ours.locks.acquire(["m1"]);
    await other.close();
    expect((await waiting).held).toEqual(["m1"]);
  });

  it("may be restarted under its clients: those who hold a lock have it again", async () => {
    await using lock = await ours.locks.acquire(["m1"]);
    const { port } = server;
    await server.close();
    server = await BeaconServer.start({ directory, settings, port });
    expect(await ours.listFiles()).toEqual([]);
    await expect(other.locks.acquire(["m1"], { timeout: 0.1 })).rejects.toThrow("m1 by ours");
    expect(lock.lost.aborted).toBe(false);
  });
});
