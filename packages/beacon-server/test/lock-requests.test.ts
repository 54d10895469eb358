import { beaconMessage as m } from "@beamtime/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BeaconServer } from "../src/index.js";
import { WireClient } from "./wire-client.js";

let server: BeaconServer;
let a: WireClient;
let b: WireClient;

beforeEach(async () => {
  server = await BeaconServer.start({ settings: { host: "localhost", port: 1 } });
  a = await WireClient.open(server);
  b = await WireClient.open(server);
  await a.ask(m.setClientName, "0|ctrl1:4242");
});

afterEach(async () => {
  await a[Symbol.asyncDispose]();
  await b[Symbol.asyncDispose]();
  await server.close();
});

describe("locks", () => {
  it("are granted with the very payload of the request", async () => {
    expect(await a.ask(m.lock, "50|mx|my")).toEqual([m.lockOk, "50|mx|my"]);
    expect(await a.ask(m.lock, " +050|mx")).toEqual([m.lockOk, " +050|mx"]);
  });

  it("make others wait until they are told to ask again", async () => {
    await a.ask(m.lock, "50|m0|m1");
    b.send(m.lock, "50|m1");
    expect(await b.ask(m.getClientName, "1|")).toEqual([m.clientNameOk, "1|"]);
    a.send(m.unlock, "50|m0|m1");
    expect(await b.next()).toEqual([m.lockRetry, ""]);
    expect(await b.ask(m.lock, "50|m1")).toEqual([m.lockOk, "50|m1"]);
  });

  it("are stolen by a higher priority, once the robbed one has acknowledged", async () => {
    await a.ask(m.lock, "50|m1|m2");
    b.send(m.lock, "100|m2");
    expect(await a.next()).toEqual([m.lockStolen, "m2"]);
    expect(await b.ask(m.getClientName, "1|")).toEqual([m.clientNameOk, "1|"]);
    a.send(m.lockStolenOk, "m2");
    expect(await b.next()).toEqual([m.lockOk, "100|m2"]);
  });

  it("are free when the connection of their holder ends, however it ends", async () => {
    await a.ask(m.lock, "50|m1");
    b.send(m.lock, "50|m1");
    await b.ask(m.getClientName, "1|");
    a.socket.resetAndDestroy();
    expect(await b.next()).toEqual([m.lockRetry, ""]);
    expect(await b.ask(m.lock, "50|m1")).toEqual([m.lockOk, "50|m1"]);
  });

  it("are told with the name of their holder, or Unknown", async () => {
    await a.ask(m.lock, "50|m1|m2");
    await b.ask(m.lock, "50|m3");
    b.send(m.whoLocked, "4");
    expect(await b.until(m.whoLockedEnd)).toEqual([
      [m.whoLockedName, "4|m1|ctrl1:4242"],
      [m.whoLockedName, "4|m2|ctrl1:4242"],
      [m.whoLockedName, "4|m3|Unknown"],
      [m.whoLockedEnd, "4|"],
    ]);
    b.send(m.whoLocked, "5|m2|free");
    expect(await b.until(m.whoLockedEnd)).toEqual([
      [m.whoLockedName, "5|m2|ctrl1:4242"],
      [m.whoLockedEnd, "5|"],
    ]);
    expect(await b.ask(m.whoLocked, "6|")).toEqual([m.whoLockedEnd, "6|"]);
  });

  it("keep names byte for byte, whatever their encoding", async () => {
    const payload = Uint8Array.of(0x35, 0x7c, 0xff, 0xfe);
    a.send(m.lock, payload);
    expect([...(await a.nextBytes()).payload]).toEqual([...payload]);
    b.send(m.whoLocked, "4");
    expect([...(await b.nextBytes()).payload].slice(0, 5)).toEqual([0x34, 0x7c, 0xff, 0xfe, 0x7c]);
  });

  it.each(["", "high|m1", "|m1", "50".repeat(50_000)])(
    "answers a request without sense with the frame -1",
    async (payload) => {
      expect(await a.ask(m.lock, payload)).toEqual([m.unknown, payload]);
    },
  );
});
