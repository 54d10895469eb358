import { readFileSync } from "node:fs";
import { VirtualClock } from "@beamtime/concurrency";
import { ArgumentError } from "@beamtime/errors";
import { numpyScalar, writePickle } from "@beamtime/protocol";
import type { RedisConnection } from "@beamtime/redis";
import { HashObjSetting, ParametersWardrobe, pyFloat, SettingError, UnreadableValue } from "@beamtime/settings";
import { startTestRedis, type TestRedis } from "@beamtime/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { keysOf } from "./keys-of.js";

const file = new URL("../../../tooling/vectors/beacon-settings.json", import.meta.url);
// the file is ours, each case has a name and keys
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: { name: string; keys: unknown }[] };
const clock = new VirtualClock(new Date(2026, 10, 21, 4, 14, 6).getTime() / 1000); // the time of the vector

let redis: TestRedis;
let connection: RedisConnection;

beforeAll(async () => {
  redis = await startTestRedis();
  connection = await redis.connect({ db: 0 });
});
afterAll(() => redis.stop());
beforeEach(() => redis.flush());

const open = (options: Parameters<typeof ParametersWardrobe.open>[2] = {}): Promise<ParametersWardrobe> =>
  ParametersWardrobe.open(connection, "ward", { clock, ...options });

/** Resolves at the next change that another process makes. */
const nextChange = (wardrobe: ParametersWardrobe): Promise<readonly string[]> =>
  new Promise((resolve) => {
    const stop = wardrobe.onChange((names) => {
      stop();
      resolve(names);
    });
  });

describe("a wardrobe", () => {
  it("reads what BLISS's reads, and leaves the same keys", async () => {
    await using ward = await open({ defaults: { speed: 1.5, label: "x", opt: null, items: [1, 2] } });
    expect(ward.toObject()).toEqual({ speed: 1.5, label: "x", opt: null, items: [1, 2] });
    ward.set("speed", 3);
    ward.switch("fast");
    ward.set("speed", 9);
    ward.set("opt", null);
    expect(ward.toObject()).toEqual({ speed: 9, label: "x", opt: null, items: [1, 2] });
    expect(ward.instances).toEqual(["fast", "default"]);
    ward.add("extra", true);
    expect(ward.toObject()).toEqual({ speed: 9, label: "x", opt: null, items: [1, 2], extra: true });
    await ward.saved();
    expect(await keysOf(connection)).toEqual(cases.find(({ name }) => name === "ParametersWardrobe")?.keys);
    expect(ward.creationDate).toBe("2026-11-21 04:14:06");
  });

  it("takes up what another process made, and adds only the defaults that are missing", async () => {
    await using first = await open({ defaults: { a: 1, b: 2 } });
    first.set("a", 10);
    first.switch("other");
    await first.saved();
    await using second = await open({ defaults: { a: 1, b: 2, c: 3 } });
    expect(second.current).toBe("other");
    expect(second.toObject()).toEqual({ a: 10, b: 2, c: 3 });
    expect(second.names).toEqual(["a", "b", "c"]);
  });

  it("shows the value of default where the instance has none, also after null", async () => {
    await using ward = await open({ defaults: { a: 1 } });
    ward.switch("own");
    ward.set("a", 2);
    expect(ward.get("a")).toBe(2);
    ward.set("a", null);
    expect(ward.get("a")).toBe(1);
    ward.switch("default");
    ward.set("a", null);
    expect([ward.get("a"), ward.has("a")]).toEqual([null, true]);
  });

  it("copies an instance, and removes one again", async () => {
    await using ward = await open({ defaults: { a: 1 } });
    ward.switch("one");
    ward.set("a", 2);
    ward.switch("two", { copy: "one" });
    expect(ward.toObject("two")).toEqual({ a: 2 });
    ward.remove("one");
    await ward.saved();
    expect(ward.instances).toEqual(["two", "default"]);
    expect(await connection.client.keys("*one*")).toEqual([]);
    expect(() => ward.remove("default")).toThrow("no instance 'default' that can be removed");
    expect(() => ward.switch("new", { copy: "nosuch" })).toThrow("no instance 'nosuch'; it has two, default");
  });

  it("removes a parameter from all instances, unless it belongs to the wardrobe", async () => {
    await using ward = await open({ defaults: { a: 1 } });
    ward.add("extra", 1);
    ward.switch("own");
    ward.set("extra", 2);
    ward.remove(".extra");
    expect(ward.has("extra")).toBe(false);
    expect(() => ward.get("extra")).not.toThrow();
    expect(() => ward.set("extra", 1)).toThrow("add it with add('extra', value)");
    expect(() => ward.remove(".a")).toThrow("belongs to ward");
    expect(() => ward.add("9lives")).toThrow("not a digit first");
  });

  it("hears at once what another process changes, and only that", async () => {
    const other = await redis.connect({ db: 0 });
    await using ours = await open({ defaults: { a: 1, b: 2 } });
    await using theirs = await ParametersWardrobe.open(other, "ward");
    await using _unrelated = await ParametersWardrobe.open(other, "ward2", { defaults: { a: 1 } });
    const heard: (readonly string[])[] = [];
    ours.onChange((names) => heard.push(names));
    ours.set("b", 20); // one's own change is no news
    await ours.saved();
    const change = nextChange(ours);
    theirs.set("a", [1, 2]);
    expect(await change).toEqual(["a"]);
    expect(ours.get("a")).toEqual([1, 2]);
    const switched = nextChange(ours);
    theirs.switch("fast");
    theirs.set("b", 5);
    await theirs.saved();
    await switched;
    await ours.refresh();
    expect([ours.current, ours.get("b")]).toEqual(["fast", 5]);
    expect(heard.flat().filter((name) => name === "a")).toEqual(["a"]);
  });

  it("does not fall back to older values while its own changes are under way", async () => {
    await using ward = await open({ defaults: { a: 0 } });
    const seen: unknown[] = [];
    for (let value = 1; value <= 50; value++) {
      ward.set("a", value);
      const reading = ward.refresh();
      ward.set("a", value + 0.5);
      await reading;
      seen.push(ward.get("a"));
    }
    expect(seen).toEqual(Array.from({ length: 50 }, (_, index) => index + 1.5));
  });

  it("knows after refresh what others wrote before it", async () => {
    await using ward = await open({ defaults: { a: 1 } });
    await new HashObjSetting(await redis.connect({ db: 0 }), "parameters:ward:default").set("a", 2);
    await ward.refresh();
    expect(ward.get("a")).toBe(2);
  });

  it("gives the values of one moment, whatever changes here after it", async () => {
    await using ward = await open({ defaults: { a: 1, b: 1 } });
    ward.set("a", 2);
    await new HashObjSetting(await redis.connect({ db: 0 }), "parameters:ward:default").set("b", 3);
    const snapshot = ward.snapshot();
    ward.set("a", 4);
    expect((await snapshot).toObject()).toEqual({ a: 2, b: 3 });
  });

  it("lets one of several wardrobes claim a value", async () => {
    const names = ["claim:a", "claim:b", "claim:c", "other"];
    const wards = await Promise.all(
      names.map((name) => ParametersWardrobe.open(connection, name, { defaults: { place: "" } })),
    );
    wards[3]?.set("place", "here");
    const claimed = await Promise.all(wards.slice(0, 3).map((ward) => ward.claim("place", "here", "claim:*")));
    expect(claimed.filter(Boolean)).toHaveLength(1);
    expect(wards.slice(0, 3).map((ward) => ward.get("place"))).toEqual(claimed.map((mine) => (mine ? "here" : "")));
    await Promise.all(wards.map((ward) => ward[Symbol.asyncDispose]()));
  });

  it("writes values for templates as Python does", async () => {
    const defaults = {
      float: pyFloat(2),
      int: 2,
      yes: true,
      text: "x",
      none: null,
      list: [1, "a"],
      numpy: numpyScalar("float64", 3),
    };
    await using ward = await open({ defaults });
    expect(Object.keys(defaults).map((name) => ward.values.text(name))).toEqual([
      ..."2.0 2 True x".split(" "),
      undefined,
      "[1, 'a']",
      "3.0",
    ]);
  });

  it("is shown as a table of its instances", async () => {
    await using ward = await open({ defaults: { speed: 1.5, _hidden: 1, label: "x" } });
    ward.switch("fast");
    ward.set("speed", 9);
    expect(ward.toString()).toBe(
      "       fast (SELECTED)  default\nspeed  9                1.5\nlabel  # x              x",
    );
  });

  it("catches up when its connections come back", async () => {
    const own = await redis.connect({ db: 0 });
    await using ward = await ParametersWardrobe.open(own, "ward", { defaults: { a: 1 } });
    const change = nextChange(ward);
    await connection.client.call("CLIENT", "KILL", "TYPE", "pubsub");
    await new HashObjSetting(connection, "parameters:ward:default").set("a", 2); // while nobody listens
    expect(await change).toEqual(["a"]);
    const next = nextChange(ward);
    await new HashObjSetting(connection, "parameters:ward:default").set("a", 3);
    await next;
    expect(ward.get("a")).toBe(3);
  });

  it("gives Redis its parameters back when that was emptied", async () => {
    const other = await redis.connect({ db: 0 });
    await using ours = await open({ defaults: { a: 1 } });
    ours.add("extra", "x");
    ours.switch("own");
    ours.set("a", 2);
    await ours.saved();
    await using theirs = await ParametersWardrobe.open(other, "ward");
    await redis.flush();
    await Promise.all([ours.refresh(), theirs.refresh()]);
    for (const ward of [ours, theirs]) {
      expect([ward.instances, ward.toObject()]).toEqual([["own", "default"], { a: 2, extra: "x" }]);
    }
    expect(await connection.client.lrange("parameters:ward", 0, -1)).toEqual(["own", "default"]);
  });

  it("tells which changes could not be kept, and then has what Redis has", async () => {
    await using ward = await open({ defaults: { a: 1 } });
    await connection.client.del("parameters:ward:default:creation_order");
    await connection.client.set("parameters:ward:default:creation_order", "not a zset");
    ward.set("a", 2);
    const failure = await ward.saved().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SettingError);
    expect(String(failure)).toContain("ward could not be kept in Redis: ");
    await connection.client.del("parameters:ward:default:creation_order");
    await ward.refresh();
    expect(ward.get("a")).toBe(1);
    await ward.saved(); // told once
  });

  it("refuses at once what cannot be pickled", async () => {
    await using ward = await open({ defaults: { a: 1 } });
    expect(() => ward.set("a", (() => {}) as never)).toThrow();
    expect(ward.get("a")).toBe(1);
  });

  it("shows a value that it cannot read, and the others", async () => {
    await using ward = await open({ defaults: { a: 1, b: 2 } });
    const { client } = await redis.connect({ db: 0 });
    await client.hset("parameters:ward:default", "b", Buffer.from("80048c026f738c0673797374656d932e", "hex"));
    await ward.refresh();
    expect(ward.get("a")).toBe(1);
    expect(ward.get("b")).toBeInstanceOf(UnreadableValue);
  });

  it("exports YAML as BLISS does, and takes it back", async () => {
    await using ward = await open({ defaults: { a: 1, list: [1, "two"], none: null } });
    ward.switch("own");
    ward.set("a", 7);
    const yaml = ward.toYaml(["own", "default"]);
    expect(yaml).toBe(
      "WardrobeName: ward\ninstances:\n  own:\n    a: 7\n    list:\n      - 1\n      - two\n    none: null\n" +
        "  default:\n    a: 1\n    list:\n      - 1\n      - two\n    none: null\n",
    );
    ward.switch("default");
    ward.fromYaml(yaml, "own");
    expect(ward.get("a")).toBe(7);
    expect(() => ward.fromYaml(yaml, "nosuch")).toThrow("no instance 'nosuch' in the file; it has own, default");
    expect(() => ward.fromYaml("instances: {own: [", "own")).toThrow(ArgumentError);
    expect(() => ward.fromYaml("instances: {own: {a: 8, other: 1}}", "own")).toThrow("no parameter 'other'");
    expect(ward.get("a")).toBe(7);
  });

  it("makes one default when two processes open it at once", async () => {
    const other = await redis.connect({ db: 0 });
    await using one = await open({ defaults: { a: 1 } });
    await using two = await ParametersWardrobe.open(other, "twice", { defaults: { a: 1 } });
    const many = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        ParametersWardrobe.open(index % 2 ? other : connection, "race", { defaults: { a: 1 } }),
      ),
    );
    await Promise.all(many.map((each) => each[Symbol.asyncDispose]()));
    expect(await connection.client.lrange("parameters:race", 0, -1)).toEqual(["default"]);
    expect([one.current, two.current]).toEqual(["default", "default"]);
  });

  it("reads the pickles of any protocol", async () => {
    await connection.client.hset("parameters:ward:default", "old", Buffer.from("80024b052e", "hex"));
    await connection.client.hset("parameters:ward:default", "new", Buffer.from(writePickle("x")));
    await using ward = await open();
    expect(ward.toObject()).toEqual({ new: "x", old: 5 }); // without order: by name
  });
});
