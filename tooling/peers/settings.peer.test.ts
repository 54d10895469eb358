import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { pyFloat, pyTuple } from "@beamtime/protocol";
import { connectRedis, type RedisConnection, settingsDatabase } from "@beamtime/redis";
import {
  HashObjSetting,
  HashSetting,
  OrderedHashSetting,
  ParametersWardrobe,
  QueueSetting,
  SimpleObjSetting,
  SimpleSetting,
} from "@beamtime/settings";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bliss, type RealBeacon, startRealBeacon } from "./real-beacon.js";

const python = bliss();

describe.skipIf(python === undefined)("settings shared with real BLISS", () => {
  let beacon: RealBeacon;
  let redis: RedisConnection;

  beforeAll(async () => {
    beacon = await startRealBeacon();
    redis = await connectRedis(join(beacon.directory, "redis.sock"), { db: settingsDatabase });
  }, 120_000);
  afterAll(async () => {
    await redis?.close();
    await beacon?.[Symbol.asyncDispose]();
  });

  /** Runs lines of Python with BLISS's settings imported; what they print, line by line. */
  const inPython = async (code: string): Promise<string[]> => {
    const script = `from bliss.config.settings import *\nfrom bliss.config.wardrobe import ParametersWardrobe\n${code}`;
    const env = { ...process.env, BEACON_HOST: beacon.host };
    const { stdout } = await promisify(execFile)(python ?? "", ["-W", "ignore", "-c", script], { env });
    return stdout.trimEnd().split("\n");
  };

  it("reads in Python what was written here, with its types", async () => {
    await new SimpleSetting(redis, "t:simple").set(pyFloat(2));
    await new SimpleObjSetting(redis, "t:obj").set(new Map([["a", pyTuple([1, null, pyFloat(2)])]]));
    await new QueueSetting(redis, "t:queue").set([1, "b", 2.5, true]);
    await new HashSetting(redis, "t:hash").update({ i: 3, f: 2.5, l: [1, "x"] });
    await new HashObjSetting(redis, "t:hobj").update({ i: 3, big: 2n ** 70n, l: [1, "x", null] });
    const ordered = await OrderedHashSetting.open(redis, "t:ohash");
    await ordered.update({ z: 1, a: 2 });
    await using ward = await ParametersWardrobe.open(redis, "t_ward", { defaults: { speed: 1, opt: null } });
    ward.switch("fast");
    ward.set("speed", [1, { deep: true }]);
    await ward.saved();
    const lines = await inPython(`
print(SimpleSetting('t:simple').get())
print(SimpleObjSetting('t:obj').get())
print(QueueSetting('t:queue').get())
print(HashSetting('t:hash').get_all())
print(HashObjSetting('t:hobj').get_all())
print(OrderedHashSetting('t:ohash').get_all())
w = ParametersWardrobe('t_ward'); print(w.to_dict(), w.instances, w.current_instance)
`);
    expect(lines).toEqual([
      "2.0",
      "{'a': (1, None, 2.0)}",
      "[1, 'b', 2.5, True]",
      `{'i': 3, 'f': 2.5, 'l': "[1, 'x']"}`,
      `{'i': 3, 'big': ${2n ** 70n}, 'l': [1, 'x', None]}`,
      "{'z': 1, 'a': 2}",
      "{'speed': [1, {'deep': True}], 'opt': None} ['fast', 'default'] fast",
    ]);
  });

  it("reads here what Python wrote, and hears it while a wardrobe is open", async () => {
    await using ward = await ParametersWardrobe.open(redis, "p_ward", { defaults: { speed: 1, label: "x" } });
    const heard = new Set<string>();
    const all = new Promise<void>((resolve) => {
      ward.onChange((names) => {
        for (const name of names) heard.add(name);
        if (["speed", "label", "added"].every((name) => heard.has(name))) resolve();
      });
    });
    const lines = await inPython(`
SimpleSetting('p:simple').set(12); s = SimpleSetting('p:simple'); s += 1.5
HashSetting('p:hash').update({'a': 1, 'b': 'two'})
h = OrderedHashObjSetting('p:ohobj'); h['z'] = (1, 2.0); h['a'] = {'k': {3}}
w = ParametersWardrobe('p_ward'); w.speed = 5; w.switch('other'); w.label = 'y'; w.add('added', [1]); print(w.to_dict())
w._to_yml('other') and print('yml')
`);
    await all;
    await ward.refresh();
    expect(lines).toEqual(["{'speed': 5, 'label': 'y', 'added': [1]}", "yml"]);
    expect(ward.toObject()).toEqual({ speed: 5, label: "y", added: [1] });
    expect(ward.instances).toEqual(["other", "default"]);
    expect(await new SimpleSetting(redis, "p:simple").get()).toBe(13.5);
    expect(Object.fromEntries(await new HashSetting(redis, "p:hash").getAll())).toEqual({ a: 1, b: "two" });
  });

  it("changes a wardrobe that Python has open, which sees it at once", async () => {
    await using ward = await ParametersWardrobe.open(redis, "live", { defaults: { value: 0 } });
    const answer = inPython(`
import gevent
w = ParametersWardrobe('live'); SimpleSetting('live:ready').set(1)
with gevent.Timeout(20):
    while w.value != 7: gevent.sleep(0.01)
w.value = w.value + 1
print(w.value)
`);
    const ready = new SimpleSetting(redis, "live:ready");
    while ((await ready.get()) === undefined) await new Promise((resolve) => setTimeout(resolve, 50)); // nobody tells
    const heard = new Promise<void>((resolve) => {
      ward.onChange(() => resolve());
    });
    ward.set("value", 7);
    expect(await answer).toEqual(["8"]);
    await heard;
    expect(ward.get("value")).toBe(8);
  });

  it("exchanges exported wardrobes", async () => {
    await using ward = await ParametersWardrobe.open(redis, "yaml", { defaults: { a: 1, l: [1, "two"] } });
    ward.set("a", 2.5);
    await ward.saved();
    const [line = ""] = await inPython(`
import json
w = ParametersWardrobe('yaml'); w._from_yml(${JSON.stringify(ward.toYaml())}, 'default'); w.a = 4
print(json.dumps(w._to_yml('default')))
`);
    await ward.refresh();
    ward.set("a", 0);
    ward.fromYaml(String(JSON.parse(line)), "default");
    expect(ward.toObject()).toEqual({ a: 4, l: [1, "two"] });
  });
});
