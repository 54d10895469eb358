import { EventEmitter, once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeChannelReply, pyClass, pyTuple, writePickle } from "@beamtime/protocol";
import { connectRedis, type RedisConnection } from "@beamtime/redis";
import { type RedisServer, startRedisServer } from "@beamtime/redis/server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Channel, ChannelBus, ChannelTimeoutError } from "../src/index.js";
import { publishValue } from "./foreign-process.js";
import { until } from "./until.js";

let directory: string;
let server: RedisServer;
let connections: RedisConnection[];
let here: ChannelBus;
let there: ChannelBus;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "beamtime-channels-"));
  server = await startRedisServer({ directory });
  const [first, second] = await Promise.all([connectRedis(server.target), connectRedis(server.target)]);
  [here, there] = await Promise.all([ChannelBus.connect(first), ChannelBus.connect(second)]);
  connections = [first, second];
});
afterEach(async () => {
  await Promise.all([here.close(), there.close()]);
  await Promise.all(connections.map((connection) => connection.close()));
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Resolves when all connections of the test are in that state. */
async function all(state: "ready" | "lost"): Promise<void> {
  await Promise.all(
    connections.map(
      (connection) =>
        new Promise<void>((resolve) => {
          if (connection.state === state) resolve();
          else connection.onState((now) => now === state && resolve());
        }),
    ),
  );
}

describe("a channel", () => {
  it("ignores what is no message of channels, tells it, and goes on", async () => {
    await using connection = await connectRedis(server.target);
    const errors: Error[] = [];
    await using a = new Channel("x", { defaultValue: 0, bus: here, onError: (error) => errors.push(error) });
    await a.ready();
    const foreign = [
      Buffer.from("hello"),
      Buffer.alloc(0),
      writePickle(pyTuple([1, 2])),
      writePickle(pyClass("posix", "system")),
      Buffer.from("80044f2e", "hex"),
    ];
    for (const bytes of foreign) await connection.client.publish("x", Buffer.from(bytes));
    const reply = encodeChannelReply({ name: "x", id: "nobody asked", value: { timestamp: 2e9, value: 9 } });
    await connection.client.publish("x", Buffer.from(reply));
    await publishValue(connection, "x", Date.now() / 1000 + 1, 1);
    await until(() => a.value === 1, a);
    expect(errors.map(({ message }) => message)).toEqual(
      foreign.map(() => expect.stringContaining("channel 'x': a message cannot be read and is ignored")),
    );
  });

  it("says who is to blame when somebody does not answer, and takes the value when it comes", async () => {
    await using silent = await connectRedis(server.target);
    await silent.client.subscribe("x");
    await using a = new Channel("x", { defaultValue: 0, bus: here, timeout: 0.2 });
    await expect(a.ready()).rejects.toThrow(ChannelTimeoutError);
    await expect(a.ready()).rejects.toThrow("1 of 2 subscribers did not answer");
    expect([a.value, a.timestamp]).toEqual([0, undefined]);
    const abort = AbortSignal.abort(new Error("enough"));
    await expect(a.ready({ signal: abort })).rejects.toThrow("enough");
    await using b = new Channel("x", { value: 5, bus: there });
    await until(() => a.value === 5, a);
    expect([await a.ready(), await b.ready()]).toEqual([5, 5]);
  });

  it("answers who asks although it has just been closed, so that nobody waits for it", async () => {
    const a = new Channel("x", { value: 5, bus: here });
    await a.ready();
    const leaving = a.close();
    await using b = new Channel("x", { defaultValue: 1, bus: there, timeout: 5 });
    await leaving;
    expect([1, 5]).toContain(await b.ready());
  });

  it("survives a restart of Redis: values stay, what is set meanwhile is published, who was away asks anew", async () => {
    await using a = new Channel("x", { defaultValue: 0, bus: here });
    await using b = new Channel("x", { defaultValue: 0, bus: there });
    await using other = new Channel("other", { value: "kept", bus: here });
    await Promise.all([a.ready(), b.ready(), other.ready()]);
    await server.kill();
    await all("lost");
    const published = Promise.all([a.set(1), a.set(2)]);
    a.value = 3;
    expect([a.value, b.value, other.value]).toEqual([3, 0, "kept"]);
    server = await startRedisServer({ directory });
    await published;
    await until(() => b.value === 3, b);
    await b.set(4);
    await until(() => a.value === 4, a);
    await using late = new Channel("other", { defaultValue: "lost", bus: there });
    expect(await late.ready()).toBe("kept");
  });

  it("learns after a restart of Redis what others have set meanwhile", async () => {
    await using a = new Channel("x", { value: 0, bus: here });
    await a.ready();
    await server.kill();
    await all("lost");
    const b = new Channel("x", { value: 7, bus: there });
    a.value = 1;
    b.value = 8; // later than that of the other
    server = await startRedisServer({ directory });
    await until(() => a.value === 8, a);
    await b.close();
  });

  it("waits for a Redis that stands still", async () => {
    await using a = new Channel("x", { defaultValue: 0, bus: here });
    await using b = new Channel("x", { defaultValue: 0, bus: there });
    await Promise.all([a.ready(), b.ready()]);
    server.pause();
    const published = a.set(1);
    expect([a.value, b.value]).toEqual([1, 0]);
    server.resume();
    await published;
    await until(() => b.value === 1, b);
  });

  it("is told when Redis refuses to publish", async () => {
    await using connection = await connectRedis(server.target);
    const errors = new EventEmitter();
    await using a = new Channel("x", { defaultValue: 0, bus: here, onError: (error) => errors.emit("told", error) });
    await a.ready();
    await connection.client.call("ACL", "SETUSER", "default", "-publish");
    await expect(a.set(1)).rejects.toThrow("channel 'x': Redis refuses to publish");
    const told = once(errors, "told");
    a.value = 2;
    expect(await told).toMatchObject([{ code: "CHANNEL" }]);
    await connection.client.call("ACL", "SETUSER", "default", "+publish");
    await a.set(3);
  });

  it("fails what cannot be done any more when its bus is closed", async () => {
    const a = new Channel("x", { defaultValue: 0, bus: here });
    await a.ready();
    await server.kill();
    await all("lost");
    const waiting = a.set(1);
    waiting.catch(() => {});
    await here.close();
    await here.close();
    await expect(waiting).rejects.toThrow("the bus is closed");
    await expect(a.set(2)).rejects.toThrow("the bus is closed");
    expect(() => new Channel("y", { bus: here })).toThrow("the bus is closed");
    await a.close();
    server = await startRedisServer({ directory });
  });
});
