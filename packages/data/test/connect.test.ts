import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { beaconMessage, encodeFrame, FrameDecoder } from "@beamtime/protocol";
import { startTestRedis, type TestRedis } from "@beamtime/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { BeaconError, connect } from "../src/index.js";
import { ScanWriter } from "./scan-writer.js";

let redis: TestRedis;
let beacons: Server[] = [];
beforeAll(async () => {
  redis = await startTestRedis({ port: 0 });
  await new ScanWriter(redis.connection).directory("s:data");
});
afterAll(() => redis.stop());
afterEach(() => {
  vi.unstubAllEnvs();
  for (const beacon of beacons) beacon.close();
  beacons = [];
});

/** A server that greets and then gives one answer, byte by byte; nothing when there is none. */
async function answering(type: number, payload?: string): Promise<string> {
  const beacon = createServer((socket) => {
    const frames = new FrameDecoder();
    socket.on("data", (chunk) => {
      for (const frame of frames.push(chunk)) {
        if (frame.type === beaconMessage.setClientName) {
          socket.write(encodeFrame(beaconMessage.clientNameOk, frame.payload));
          continue;
        }
        expect([frame.type, new TextDecoder().decode(frame.payload)]).toEqual([32, "1|"]);
        if (payload === undefined) continue;
        for (const byte of encodeFrame(type, payload)) socket.write(Uint8Array.of(byte));
      }
    });
    socket.on("error", () => {});
  }).listen(0, "127.0.0.1");
  beacons.push(beacon);
  await once(beacon, "listening");
  return `127.0.0.1:${(beacon.address() as AddressInfo).port}`; // a TCP server that listens has one
}

describe("connect", () => {
  it("asks Beacon for the data Redis, given by socket or by port", async () => {
    const { host, port, target } = redis.server;
    for (const where of [`localhost|${target.path}`, `${host}|${port}`]) {
      const address = await answering(beaconMessage.redisDataOk, `1|${where}`);
      await using store = await connect({ beacon: address });
      expect((await store.sessions()).map(({ name }) => name)).toEqual(["s"]);
    }
  });

  it("finds Beacon in the environment", async () => {
    vi.stubEnv("BEACON_HOST", await answering(beaconMessage.redisDataOk, `1|localhost|${redis.server.target.path}`));
    await using store = await connect();
    expect((await store.getNode("s:data")).name).toBe("data");
  });

  it("passes on what Redis asks for, such as a password", async () => {
    await using closed = await startTestRedis();
    await closed.connection.client.config("SET", "requirepass", "secret");
    const { target } = closed.server;
    await expect(connect({ redis: target })).rejects.toThrow("NOAUTH");
    await using store = await connect({ redis: target, ioredis: { password: "secret" } });
    expect(await store.sessions()).toEqual([]);
  });

  it("says what to give when nothing tells where the scans are", async () => {
    vi.stubEnv("BEACON_HOST", "");
    await expect(connect()).rejects.toMatchObject({ code: "BAD_ARGUMENT", argument: "redis" });
  });

  it("says why Beacon does not help", async () => {
    const failed = await answering(beaconMessage.redisDataFailed, "1|no server configured");
    await expect(connect({ beacon: failed })).rejects.toThrow("no server configured");
    await expect(connect({ beacon: await answering(99, "1|a|b") })).rejects.toThrow("message 99");
    await expect(connect({ beacon: "127.0.0.1:1" })).rejects.toThrow(BeaconError);
    await expect(connect({ beacon: "127.0.0.1:99999" })).rejects.toThrow("host:port");
    await expect(connect({ redis: "127.0.0.1:1" })).rejects.toMatchObject({ code: "REDIS" });
  });

  it("gives up when it is told to", async () => {
    const silent = await answering(0);
    const abort = new AbortController();
    const connecting = connect({ beacon: silent, signal: abort.signal });
    beacons[0]?.once("connection", () => abort.abort(new Error("enough")));
    await expect(connecting).rejects.toThrow("enough");
    await expect(connect({ redis: redis.server.target, signal: abort.signal })).rejects.toThrow("enough");
  });

  it("refuses names that are no sessions", async () => {
    await using store = await connect({ redis: redis.server.target });
    await expect(store.getSessionNode("s:data")).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    await expect(store.getNode("never")).rejects.toMatchObject({ code: "NODE_GONE", dbName: "never" });
    expect(await (await store.getSessionNode("never")).exists()).toBe(false);
    await store.close();
  });
});
