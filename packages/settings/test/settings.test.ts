import { readFileSync } from "node:fs";
import { type PickleInput, pyFloat, pyTuple } from "@beamtime/protocol";
import type { RedisConnection } from "@beamtime/redis";
import {
  HashObjSetting,
  HashSetting,
  OrderedHashObjSetting,
  OrderedHashSetting,
  QueueObjSetting,
  QueueSetting,
  redisSettings,
  SimpleObjSetting,
  SimpleSetting,
  UnreadableValue,
} from "@beamtime/settings";
import { startTestRedis, type TestRedis } from "@beamtime/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { keysOf } from "./keys-of.js";

interface Case {
  readonly name: string;
  readonly keys: Readonly<Record<string, unknown>>;
}

const file = new URL("../../../tooling/vectors/beacon-settings.json", import.meta.url);
// the file is ours, its shape is the one above
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: readonly Case[] };
const keysOfBliss = (name: string): unknown => cases.find((each) => each.name === name)?.keys;

let redis: TestRedis;
let connection: RedisConnection;

beforeAll(async () => {
  redis = await startTestRedis();
  connection = await redis.connect({ db: 0 });
});
afterAll(() => redis.stop());
beforeEach(() => redis.flush());

describe("each kind of setting returns what it returns in BLISS, and leaves the same keys", () => {
  it("SimpleSetting", async () => {
    const setting = new SimpleSetting(connection, "v:simple");
    const read: unknown[] = [await setting.get()];
    for (const value of [12, 2.5, true, "text", [1, 2]]) {
      await setting.set(value);
      read.push(await setting.get());
    }
    expect(read).toEqual([undefined, 12, 2.5, true, "text", "[1, 2]"]);
    await setting.set(5);
    await setting.increment(1);
    expect(await setting.increment(2)).toBe(8);
    expect(await setting.increment(1.5)).toBe(9.5);
    expect(await setting.get()).toBe(9.5);
    expect(await keysOf(connection)).toEqual(keysOfBliss("SimpleSetting"));
  });

  it("SimpleSetting None", async () => {
    const setting = new SimpleSetting(connection, "v:snone");
    await setting.set("x");
    await expect(setting.set(null)).rejects.toThrow("clear() forgets the value");
    expect(await setting.get()).toBe("x");
    expect(await keysOf(connection)).toEqual(keysOfBliss("SimpleSetting None"));
  });

  it("SimpleObjSetting", async () => {
    const setting = new SimpleObjSetting(connection, "v:sobj");
    await setting.set({ a: [1, null] });
    expect(await setting.get()).toEqual({ a: [1, null] });
    expect(await keysOf(connection)).toEqual(keysOfBliss("SimpleObjSetting"));
  });

  it("QueueSetting", async () => {
    const queue = new QueueSetting(connection, "v:queue");
    await queue.set([1, "b", 2.5, true]);
    expect(await queue.get()).toEqual([1, "b", 2.5, true]);
    await queue.append(["z"]);
    await queue.prepend("first");
    await queue.append(["e1", 2]);
    await queue.remove("b");
    expect(await queue.get()).toEqual(["first", 1, 2.5, true, "z", "e1", 2]);
    expect(await queue.at(0)).toBe("first");
    expect(await queue.get(1, 3)).toEqual([1, 2.5]);
    await queue.setAt(0, "changed");
    expect(await queue.popFront()).toBe("changed");
    expect(await queue.popBack()).toBe(2);
    expect(await queue.length()).toBe(5);
    expect(await keysOf(connection)).toEqual(keysOfBliss("QueueSetting"));
  });

  it("QueueObjSetting", async () => {
    const queue = new QueueObjSetting(connection, "v:qobj");
    await queue.set([1, new Map([["k", pyTuple([1])]])]);
    expect(await queue.get()).toEqual([1, { k: [1] }]);
    expect(await keysOf(connection)).toEqual(keysOfBliss("QueueObjSetting"));
  });

  it("HashSetting", async () => {
    const hash = new HashSetting(connection, "v:hash", { defaults: { dft: 1.5 } });
    const values: [string, PickleInput][] = [
      ["i", 3],
      ["f", 2.5],
      ["b", false],
      ["s", "str"],
      ["l", [1, "x"]],
      ["gone", "x"],
      ["gone", null],
    ];
    for (const [field, value] of values) await hash.set(field, value);
    await hash.update({ u1: 1, u2: "two" });
    expect(Object.fromEntries(await hash.getAll())).toEqual({
      dft: 1.5,
      i: 3,
      f: 2.5,
      b: false,
      s: "str",
      l: "[1, 'x']",
      u1: 1,
      u2: "two",
    });
    expect(await hash.get("missing")).toBeUndefined();
    expect(await hash.get("dft")).toBe(1.5);
    await hash.remove(["u1"]);
    expect(await hash.pop("u2")).toBe("two");
    expect(await hash.has("i")).toBe(true);
    expect(await hash.size()).toBe(5);
    expect(await keysOf(connection)).toEqual(keysOfBliss("HashSetting"));
  });

  it("HashSetting set", async () => {
    const hash = new HashSetting(connection, "v:hset");
    await hash.replace({ a: 1 });
    await hash.replace({ b: 2 });
    expect([...(await hash.getAll())]).toEqual([["b", 2]]);
    expect(await keysOf(connection)).toEqual(keysOfBliss("HashSetting set"));
  });

  it("HashObjSetting", async () => {
    const hash = new HashObjSetting(connection, "v:hobj");
    const values = { i: 3, f: 2.5, n: "None", b: false, s: "str", l: [1, "x", null], t: pyTuple([1, 2]) };
    await hash.update({ ...values, d: { a: { b: 1 } } });
    expect(Object.fromEntries(await hash.getAll())).toEqual({ ...values, t: [1, 2], d: { a: { b: 1 } } });
    expect(await keysOf(connection)).toEqual(keysOfBliss("HashObjSetting"));
  });

  it("OrderedHashSetting", async () => {
    const hash = await OrderedHashSetting.open(connection, "v:ohash");
    await hash.set("b", 1);
    await hash.update({ a: 2, c: "x" });
    await hash.set("b", 10);
    expect([...(await hash.getAll()).keys()]).toEqual(["b", "a", "c"]);
    await hash.remove(["a"]);
    await hash.set("d", 4);
    expect([...(await hash.getAll())]).toEqual([
      ["b", 10],
      ["c", "x"],
      ["d", 4],
    ]);
    expect(await keysOf(connection)).toEqual(keysOfBliss("OrderedHashSetting"));
  });

  it("OrderedHashObjSetting", async () => {
    const hash = await OrderedHashObjSetting.open(connection, "v:ohobj");
    await hash.set("b", 1);
    await hash.set("a", [2]);
    expect([...(await hash.getAll())]).toEqual([
      ["b", 1],
      ["a", [2]],
    ]);
    expect(await keysOf(connection)).toEqual(keysOfBliss("OrderedHashObjSetting"));
  });

  it("a Struct, which is a HashSetting", async () => {
    const struct = new HashSetting(connection, "v:struct");
    await struct.update({ x: 1, y: "abc", z: 2.5 });
    expect(Object.fromEntries(await struct.getAll())).toEqual({ x: 1, y: "abc", z: 2.5 });
    await struct.remove(["x"]);
    expect(await keysOf(connection)).toEqual(keysOfBliss("Struct"));
  });
});

describe("a setting", () => {
  it("gives an older hash without order one, numbers in names by their size", async () => {
    await connection.client.hset("old", "m10", "1", "m2", "2", "a", "3");
    const hash = await OrderedHashSetting.open(connection, "old");
    await hash.set("b", 4);
    expect([...(await hash.getAll()).keys()]).toEqual(["a", "m2", "m10", "b"]);
    expect(await connection.client.zrange("old:creation_order", "0", "-1", "WITHSCORES")).toEqual([
      ..."a 0 m2 1 m10 2 b 3".split(" "),
    ]);
  });

  it("gives fields that two processes add at once places of their own", async () => {
    const other = await redis.connect({ db: 0 });
    const [ours, theirs] = [new OrderedHashSetting(connection, "both"), new OrderedHashSetting(other, "both")];
    const fields = Array.from({ length: 20 }, (_, index) => `f${index}`);
    await Promise.all(fields.flatMap((field) => [ours.set(field, 1), theirs.set(field, 2)]));
    const scores = (await connection.client.zrange("both:creation_order", "0", "-1", "WITHSCORES")).filter(
      (_, i) => i % 2,
    );
    expect(scores).toEqual(Array.from({ length: 20 }, (_, index) => String(index + 1)));
  });

  it("replaces, takes and forgets the fields of an ordered hash with their order", async () => {
    const hash = new OrderedHashObjSetting(connection, "h");
    await hash.replace({ a: 1, b: 2 });
    await hash.replace({ z: 1, y: 2 });
    expect([...(await hash.getAll()).keys()]).toEqual(["z", "y"]);
    expect(await hash.pop("z")).toBe(1);
    expect(await hash.pop("z")).toBeUndefined();
    await hash.expire(100);
    expect(await connection.client.ttl("h:creation_order")).toBe(100);
    await hash.persist();
    expect(await hash.ttl()).toBeUndefined();
    await hash.clear();
    expect(await connection.client.dbsize()).toBe(0);
  });

  it("lives as long as it is told", async () => {
    const setting = new SimpleSetting(connection, "short");
    await setting.set(1);
    expect(await setting.ttl()).toBeUndefined();
    await setting.expire(1000);
    expect(await setting.ttl()).toBe(1000);
    await setting.persist();
    expect(await setting.ttl()).toBeUndefined();
    await setting.clear();
    expect(await setting.get()).toBeUndefined();
  });

  it("tells of a value that is an object of a Python program, and reads the others", async () => {
    const forbidden = Buffer.from("80048c026f738c0673797374656d932e", "hex"); // os.system
    await connection.client.hset("mixed", "good", Buffer.from("80044b032e", "hex"), "bad", forbidden);
    const all = await new HashObjSetting(connection, "mixed").getAll();
    expect(all.get("good")).toBe(3);
    const bad = all.get("bad");
    expect(bad instanceof UnreadableValue && bad.toString()).toBe(
      '<unreadable: the pickle refers to "os.system", which is not accepted>',
    );
  });

  it("adds to a text, and to a float although the sum is integral", async () => {
    const setting = new SimpleSetting(connection, "sum");
    await setting.append("ab");
    await setting.append("cd");
    expect(await setting.get()).toBe("abcd");
    await setting.set(pyFloat(1));
    expect(await setting.increment(pyFloat(2))).toBe(3);
  });

  it("gives up waiting with the signal's reason", async () => {
    const reason = new Error("enough");
    const setting = new SimpleSetting(connection, "v");
    await expect(setting.get({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe("the settings store of a session", () => {
  it("keeps the settings of an axis as BLISS writes them", async () => {
    const store = redisSettings(connection);
    await store.save("axis.mx", "velocity", 50);
    await store.save("axis.mx", "offset", -0.25);
    await store.save("axis.mx", "unit", "mm");
    await store.save("axis.mx", "moved", true);
    await store.save("axis.mx", "gone", 1);
    await store.save("axis.mx", "gone", null);
    expect(await connection.client.hgetall("axis.mx")).toEqual({
      velocity: "50.0",
      offset: "-0.25",
      unit: "mm",
      moved: "True",
    });
    expect(Object.fromEntries(await store.load("axis.mx"))).toEqual({
      velocity: 50,
      offset: -0.25,
      unit: "mm",
      moved: true,
    });
  });

  it("keeps a value without owner as a simple setting of BLISS", async () => {
    const store = redisSettings(connection);
    expect(await store.loadValue("motor_mockup:mx:hw_position")).toBeUndefined();
    await store.saveValue("motor_mockup:mx:hw_position", 15000);
    expect(await connection.client.get("motor_mockup:mx:hw_position")).toBe("15000.0");
    expect(await store.loadValue("motor_mockup:mx:hw_position")).toBe(15000);
  });

  it("reads None of BLISS as nothing", async () => {
    await connection.client.hset("axis.mx", "velocity_low_limit", "None", "sign", "1");
    expect(Object.fromEntries(await redisSettings(connection).load("axis.mx"))).toEqual({ sign: 1 });
  });
});
