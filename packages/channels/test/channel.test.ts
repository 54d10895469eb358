import { systemClock } from "@beamtime/concurrency";
import { PyFloat, pyFloat } from "@beamtime/protocol";
import type { RedisConnection } from "@beamtime/redis";
import { startTestRedis, type TestRedis } from "@beamtime/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Channel, ChannelBus, ChannelError, EventChannel } from "../src/index.js";
import { publishValue, query } from "./foreign-process.js";
import { until } from "./until.js";

let redis: TestRedis;
let connections: RedisConnection[];
let here: ChannelBus;
let there: ChannelBus;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  const [first, second] = await Promise.all([redis.connect({ db: 0 }), redis.connect({ db: 0 })]);
  [here, there] = await Promise.all([ChannelBus.connect(first), ChannelBus.connect(second)]);
  connections = [first, second];
});
afterEach(async () => {
  await Promise.all([here.close(), there.close()]);
  await Promise.all(connections.map((connection) => connection.close()));
});

/** The next value that the channel takes. */
function next<T>(channel: Channel<T>): Promise<T> {
  return new Promise((resolve) => {
    const stop = channel.onChange((value) => {
      stop();
      resolve(value);
    });
  });
}

describe("a channel", () => {
  it("has its default while nobody has a value, also before that is known", async () => {
    const before = systemClock.epoch();
    await using stop = new Channel("stop", { defaultValue: false, bus: here });
    expect([stop.value, stop.timestamp]).toEqual([false, undefined]);
    expect(await stop.ready()).toBe(false);
    expect(stop.timestamp).toBeGreaterThanOrEqual(before);
    expect(stop.timestamp).toBeLessThanOrEqual(systemClock.epoch());
    await using none = new Channel("none", { bus: here });
    expect(await none.ready()).toBeNull();
  });

  it("is set for all processes, and tells each of them once", async () => {
    await using a = new Channel("stop", { defaultValue: false, bus: here });
    await using b = new Channel("stop", { defaultValue: false, bus: there });
    await Promise.all([a.ready(), b.ready()]);
    const seen: [string, boolean][] = [];
    a.onChange((value) => seen.push(["a", value]));
    b.onChange((value) => seen.push(["b", value]));
    const heard = next(b);
    a.value = true;
    expect(a.value).toBe(true);
    expect(await heard).toBe(true);
    expect(b.timestamp).toBe(a.timestamp);
    const back = next(a);
    await b.set(false);
    expect(await back).toBe(false);
    expect(seen).toEqual([
      ["a", true],
      ["b", true],
      ["b", false],
      ["a", false],
    ]);
  });

  it("gives who comes later the value that it has", async () => {
    await using first = new Channel("count", { value: 41, bus: here });
    await first.set(42);
    await using late = new Channel("count", { defaultValue: 0, bus: there });
    expect(await late.ready()).toBe(42);
    expect(late.timestamp).toBe(first.timestamp);
    await using initial = new Channel("count", { value: 43, bus: there });
    expect([initial.value, late.value]).toEqual([43, 43]);
    await until(() => first.value === 43, first);
  });

  it("carries plain values as all processes read them, and keeps what they are for those who come later", async () => {
    const value = { list: [1, 2.5, null, "é", true], nested: { deep: [[]] }, big: 2n ** 70n };
    await using a = new Channel("value", { value, bus: here });
    await using b = new Channel<typeof value | null>("value", { bus: there });
    expect(await b.ready()).toEqual(value);
    const list = next(b);
    a.value = { ...value, list: [7] };
    expect((await list)?.list).toEqual([7]);
    await using float = new Channel<unknown>("float", { value: pyFloat(2), bus: here });
    await float.set(pyFloat(3));
    expect(float.value).toBe(3);
    const held = await query(redis.connection, "float");
    expect(held).toEqual(new PyFloat(3));
  });

  it("cannot be set to what is no data", async () => {
    await using channel = new Channel<unknown>("data", { bus: here, defaultValue: 1 });
    expect(() => {
      channel.value = () => 1;
    }).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
    await expect(channel.set(Symbol("x"))).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    expect(() => new Channel<unknown>("wrong", { bus: here, value: () => 1 })).toThrow("cannot be pickled");
    expect(await channel.ready()).toBe(1);
    expect(await redis.connection.client.pubsub("NUMSUB", "wrong")).toEqual(["wrong", 0]);
  });

  it("is one value for all its channels in a process", async () => {
    await using a = new Channel("twice", { defaultValue: 1, bus: here });
    await using b = new Channel("twice", { defaultValue: 2, bus: here });
    await Promise.all([a.ready(), b.ready()]);
    expect(a.value).toBe(b.value);
    a.value = 5;
    expect(b.value).toBe(5);
    await using c = new Channel("twice", { defaultValue: 3, bus: here });
    expect([c.value, await c.ready()]).toEqual([5, 5]);
    expect(await redis.connection.client.pubsub("NUMSUB", "twice")).toEqual(["twice", 1]);
    await a.close();
    await using other = new Channel("twice", { value: 6, bus: there });
    await until(() => b.value === other.value, b);
    expect(a.value).toBe(5);
  });

  it("makes one of several sets without a pause: the last", async () => {
    await using a = new Channel("burst", { defaultValue: 0, bus: here });
    await using b = new Channel("burst", { defaultValue: 0, bus: there });
    await Promise.all([a.ready(), b.ready()]);
    const seen: number[] = [];
    b.onChange((value) => seen.push(value));
    await Promise.all(Array.from({ length: 50 }, (_, index) => a.set(index)));
    await until(() => b.value === 49, b);
    expect(seen).toEqual([49]);
  });

  it("wins over what it has, even when the clock of another process is ahead", async () => {
    await using a = new Channel("clock", { defaultValue: 0, bus: here });
    await using b = new Channel("clock", { defaultValue: 0, bus: there });
    await Promise.all([a.ready(), b.ready()]);
    const future = Date.now() / 1000 + 1000;
    await publishValue(redis.connection, "clock", future, 1);
    await until(() => a.value === 1 && b.value === 1, a, b);
    await a.set(2);
    await until(() => b.value === 2, b);
    expect(a.timestamp).toBeGreaterThan(future);
    expect(a.timestamp).toBeLessThan(future + 0.001);
    await publishValue(redis.connection, "clock", future, 3);
    await publishValue(redis.connection, "clock", a.timestamp ?? 0, 4);
    await a.set(5);
    await until(() => b.value === 5, b);
    expect(a.value).toBe(5);
  });

  it("loses to what another process has set since it was new", async () => {
    await using a = new Channel("age", { defaultValue: 0, bus: here });
    await using b = new Channel("age", { defaultValue: 0, bus: there });
    await Promise.all([a.ready(), b.ready()]);
    const now = Date.now() / 1000;
    await a.set(1, { timestamp: now + 5 });
    await until(() => b.value === 1, b);
    await publishValue(redis.connection, "age", now + 4, 2);
    await publishValue(redis.connection, "age", now + 6, 3);
    await until(() => a.value === 3 && b.value === 3, a, b);
    await a.set(4, { timestamp: now }); // what a knows of is older in any case
    await until(() => b.value === 4, b);
    expect(a.timestamp).toBeCloseTo(now + 6, 4);
  });

  it("cannot be set within its own callback, and tells errors of callbacks", async () => {
    const errors: Error[] = [];
    await using other = new Channel("other", { defaultValue: 0, bus: here });
    await using a = new Channel("ring", { defaultValue: 0, bus: here, onError: (error) => errors.push(error) });
    await Promise.all([a.ready(), other.ready()]);
    a.onChange((value) => {
      other.value = value;
      a.value = value + 1;
    });
    await a.set(1);
    expect([a.value, other.value]).toEqual([1, 1]);
    expect(errors).toEqual([expect.any(ChannelError)]);
    expect(errors[0]?.message).toContain("cannot be set while its callbacks run");
  });

  it("checks what others set, and keeps what it has otherwise", async () => {
    const errors: Error[] = [];
    const parse = (value: unknown): number => {
      if (typeof value !== "number") throw new Error("expected a number");
      return value;
    };
    await using a = new Channel("typed", { parse, defaultValue: 1, bus: here, onError: (error) => errors.push(error) });
    await using b = new Channel<unknown>("typed", { bus: there });
    expect(await a.ready()).toBe(1);
    await b.set("text");
    await b.set(2);
    await until(() => a.value === 2, a);
    expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining("expected a number")]);
  });

  it("gives every change to a loop in order, until it is closed or left", async () => {
    const a = new Channel("loop", { defaultValue: 0, bus: here });
    await using b = new Channel("loop", { defaultValue: 0, bus: there });
    await Promise.all([a.ready(), b.ready()]);
    const left: number[] = [];
    const reading = (async () => {
      for await (const value of a) {
        left.push(value);
        if (value === 2) break;
      }
    })();
    const all: number[] = [];
    const closing = (async () => {
      for await (const value of a) all.push(value);
    })();
    for (const value of [1, 2, 3]) await b.set(value);
    await reading;
    await until(() => a.value === 3, a);
    await a.close();
    await closing;
    expect([left, all]).toEqual([
      [1, 2],
      [1, 2, 3],
    ]);
    for await (const value of a) throw new Error(`the channel is closed, and has ${value}`);
  });

  it("drops the oldest changes of a loop that stands still", async () => {
    await using a = new Channel("slow", { defaultValue: 0, bus: here });
    await a.ready();
    const changes = a[Symbol.asyncIterator]();
    const first = changes.next();
    for (let value = 1; value <= 1500; value++) a.value = value;
    expect(await first).toEqual({ value: 1, done: false });
    expect(await changes.next()).toEqual({ value: 501, done: false });
    await changes.return?.();
    expect((await changes.next()).done).toBe(true);
  });

  it("publishes what was set before it is closed, then leaves", async () => {
    await using b = new Channel("end", { defaultValue: 0, bus: there });
    await b.ready();
    const heard = next(b);
    const a = new Channel("end", { defaultValue: 0, bus: here });
    a.value = 7;
    await a.close();
    await a.close();
    expect(await heard).toBe(7);
    await expect(a.set(8)).rejects.toThrow("is closed");
    await using again = new Channel("end", { defaultValue: 0, bus: here });
    expect(await again.ready()).toBe(7);
  });

  it("cannot be an event channel at the same time", async () => {
    await using a = new Channel("kind", { bus: here });
    expect(() => new EventChannel("kind", { bus: here })).toThrow(ChannelError);
    await using events = new EventChannel("events", { bus: here });
    expect(() => new Channel("events", { bus: here })).toThrow("is an EventChannel");
    await Promise.all([a.ready(), events.ready()]);
  });
});

describe("an event channel", () => {
  it("tells events to all processes, those posted together together", async () => {
    await using a = new EventChannel<{ type: string }>("news", { bus: here });
    await using b = new EventChannel("news", { bus: there });
    await Promise.all([a.ready(), b.ready()]);
    const own = new Promise((resolve) => a.onEvents(resolve));
    const seen = new Promise((resolve) => b.onEvents(resolve));
    const changes = b[Symbol.asyncIterator]();
    await Promise.all([a.post({ type: "x" }), a.post({ type: "y" })]);
    expect(await seen).toEqual([{ type: "x" }, { type: "y" }]);
    expect(await own).toEqual([{ type: "x" }, { type: "y" }]);
    expect([await changes.next(), await changes.next()]).toMatchObject([
      { value: { type: "x" } },
      { value: { type: "y" } },
    ]);
    await expect((a as EventChannel<unknown>).post(() => 1)).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
  });

  it("answers who asks with no events", async () => {
    await using a = new EventChannel("empty", { bus: here });
    await a.ready();
    expect(await query(redis.connection, "empty")).toEqual([]);
  });

  it("tells what is no list of events, and what a callback throws", async () => {
    const errors: Error[] = [];
    await using a = new EventChannel("odd", { bus: here, onError: (error) => errors.push(error) });
    await a.ready();
    a.onEvents(() => {
      throw new Error("from the callback");
    });
    await publishValue(redis.connection, "odd", 1, "no list");
    const heard = new Promise((resolve) => a.onEvents(resolve));
    await publishValue(redis.connection, "odd", 1, [1]);
    expect(await heard).toEqual([1]);
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringContaining("expected a list"),
      "from the callback",
    ]);
    await a.close();
    await a.close();
    await expect(a.post(1)).rejects.toThrow("is closed");
  });
});
