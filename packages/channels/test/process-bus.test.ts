import { BeaconServer } from "@beamtime/beacon-server";
import { startTestRedis, type TestRedis } from "@beamtime/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { Channel, ChannelBus, EventChannel } from "../src/index.js";

let redis: TestRedis;
let beacon: BeaconServer;
beforeAll(async () => {
  redis = await startTestRedis();
  beacon = await BeaconServer.start({ settings: redis.server.target });
});
afterAll(async () => {
  await beacon.close();
  await redis.stop();
});
afterEach(() => vi.unstubAllEnvs());

async function clients(): Promise<number> {
  return String(await redis.connection.client.client("LIST"))
    .trim()
    .split("\n").length;
}

describe("channels without a bus", () => {
  it("find one through BEACON_HOST, have it together, and close it with the last of them", async () => {
    vi.stubEnv("BEACON_HOST", beacon.address);
    const before = await clients();
    const stop = new Channel("stop_alignment", { defaultValue: false });
    const other = new EventChannel("news");
    stop.value = true;
    await Promise.all([stop.ready(), other.ready(), stop.set(true)]);
    expect(await clients()).toBe(before + 2);
    await using bus = await ChannelBus.connect(redis.connection);
    await using seen = new Channel("stop_alignment", { defaultValue: false, bus });
    expect(await seen.ready()).toBe(true);
    await stop.close();
    await other.post("still open");
    await other.close();
    expect(await clients()).toBe(before + 1);
    await using again = new Channel("stop_alignment", { defaultValue: false });
    expect(await again.ready()).toBe(true);
  });

  it("publish what was set before the bus was open", async () => {
    vi.stubEnv("BEACON_HOST", beacon.address);
    await using bus = await ChannelBus.connect(redis.connection);
    await using seen = new Channel("short", { defaultValue: 0, bus });
    await seen.ready();
    const heard = new Promise((resolve) => seen.onChange(resolve));
    {
      await using brief = new Channel("short", { defaultValue: 0 });
      brief.value = 4;
    }
    expect(await heard).toBe(4);
  });

  it("say that there is no Beacon, and try again with the next channel", async () => {
    vi.stubEnv("BEACON_HOST", "127.0.0.1:1");
    const errors: Error[] = [];
    const lost = new Channel("stop", { defaultValue: false, onError: (error) => errors.push(error) });
    lost.value = true;
    await expect(lost.ready()).rejects.toMatchObject({ code: "BEACON" });
    await expect(lost.set(false)).rejects.toMatchObject({ code: "BEACON" });
    expect(errors.length).toBeGreaterThan(0);
    expect(lost.value).toBe(true);
    vi.stubEnv("BEACON_HOST", beacon.address);
    await using found = new Channel("stop", { defaultValue: false });
    expect(await found.ready()).toBe(false);
    await lost.close();
  });

  it("warn the process of what nobody is told otherwise", async () => {
    vi.stubEnv("BEACON_HOST", "127.0.0.1:1");
    const warning = new Promise((resolve) => {
      vi.spyOn(process, "emitWarning").mockImplementationOnce(resolve);
    });
    await using _ = new Channel("stop", { defaultValue: false });
    expect(await warning).toMatchObject({ code: "BEACON" });
  });
});
