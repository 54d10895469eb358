import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ActiveMeasurementGroup } from "./active-measurement-group.js";
import { MeasurementGroup } from "./measurement-group.js";
import type { MeasurementGroupStore } from "./measurement-group-store.js";
import { SamplingCounter } from "./sampling-counter.js";
import { SamplingCounterController } from "./sampling-counter-controller.js";

class Device extends SamplingCounterController {
  async readAll(counters: readonly SamplingCounter[]) {
    return counters.map(() => 0);
  }
}

function setUp() {
  const device = new Device({ name: "device" });
  const counters = ["a", "b", "c"].map((name) => new SamplingCounter(device, { name }));
  const texts = new Map<string, string>();
  const lists = new Map<string, readonly string[]>();
  const store: MeasurementGroupStore = {
    getText: async (key) => texts.get(key),
    setText: async (key, text) => void texts.set(key, text),
    getList: async (key) => lists.get(key) ?? [],
    setList: async (key, list) => void lists.set(key, list),
  };
  return { counters, store, texts, lists };
}

const namesOf = (group: MeasurementGroup): string[] => group.counters.map(({ name }) => name);

describe("a measurement group", () => {
  it("has its own counters, then those of the groups that it includes, each once", () => {
    const [a, b, c] = setUp().counters;
    if (!a || !b || !c) throw new Error("three counters");
    const other = new MeasurementGroup("other", [c, a]);
    other.disable("c");
    expect(namesOf(new MeasurementGroup("align", [b, a], { include: [other] }))).toEqual(["b", "a", "c"]);
  });

  it("shows what is enabled, also as the active one", async () => {
    const { counters } = setUp();
    const group = new MeasurementGroup("align", counters);
    group.disable("b");
    expect(String(group).split("\n")).toEqual([
      "MeasurementGroup: align (state='default')",
      "  Enabled  Disabled",
      "  -------  --------",
      "  a        b",
      "  c",
    ]);
    expect(String(await ActiveMeasurementGroup.open("s", [group]))).toBe(String(group));
    expect(String(await ActiveMeasurementGroup.open("s", []))).toBe("no active measurement group");
  });

  it("keeps what is disabled in the keys of BLISS, and takes it up", async () => {
    const { counters, store, lists, texts } = setUp();
    const group = new MeasurementGroup("align", counters, { store });
    await group.load();
    group.disable("a", "b");
    group.enable("b");
    await group.saved();
    expect(lists).toEqual(new Map([["align:default", ["device:a"]]]));
    expect(texts).toEqual(new Map());
    const next = new MeasurementGroup("align", counters, { store });
    await next.load();
    expect(namesOf(next)).toEqual(["b", "c"]);
  });

  it("takes up what BLISS has kept", async () => {
    const { store, lists } = setUp();
    const vectors = JSON.parse(
      readFileSync(new URL("../../../tooling/vectors/beacon-settings.json", import.meta.url), "utf8"),
    ) as { scan_saving: { measurement_group: Record<string, { value: string[] }> } };
    for (const [key, { value }] of Object.entries(vectors.scan_saving.measurement_group)) lists.set(key, value);
    const device = new Device({ name: "simulation_diode_sampling_controller" });
    const counters = ["dio1", "dio2"].map((name) => new SamplingCounter(device, { name }));
    const group = new MeasurementGroup("mg1", counters, { store });
    await group.load();
    expect(namesOf(group)).toEqual(["dio1"]);
    expect(await group.states()).toEqual(["default"]);
  });

  it("has states with disabled counters of their own", async () => {
    const { counters, store, lists, texts } = setUp();
    const group = new MeasurementGroup("align", counters, { store });
    group.disable("a");
    await group.switchState("night");
    expect(namesOf(group)).toEqual(["a", "b", "c"]);
    group.disable("c");
    expect(await group.states()).toEqual(["default", "night"]);
    await group.switchState("default");
    expect(namesOf(group)).toEqual(["b", "c"]);
    expect(texts.get("align")).toBe("default");
    expect([lists.get("align:MG_states"), lists.get("align:night")]).toEqual([["default", "night"], ["device:c"]]);
    await expect(group.switchState("MG_states")).rejects.toThrow("is no name of a state");
  });

  it("keeps what is disabled of counters that are not there today", async () => {
    const { counters, store, lists } = setUp();
    lists.set("align:default", ["gone:x"]);
    const group = new MeasurementGroup("align", counters, { store });
    await group.load();
    group.disable("b");
    await group.saved();
    expect(lists.get("align:default")).toEqual(["gone:x", "device:b"]);
  });

  it("works on when the store fails, and says so", async () => {
    const { counters, store } = setUp();
    const warnings: string[] = [];
    const broken = async () => {
      throw new Error("no connection");
    };
    const group = new MeasurementGroup("align", counters, {
      store: { ...store, getText: broken, setList: broken },
      onWarning: (message) => void warnings.push(message),
    });
    await group.load();
    group.disable("a");
    await group.saved();
    expect(namesOf(group)).toEqual(["b", "c"]);
    expect(warnings).toEqual([
      "the states of align cannot be read: no connection",
      "the states of align cannot be saved: no connection",
    ]);
  });
});

describe("the active measurement group", () => {
  it("is the one chosen before, else the first", async () => {
    const { counters, store, texts } = setUp();
    const groups = ["align", "night"].map((name) => new MeasurementGroup(name, counters));
    const active = await ActiveMeasurementGroup.open("s", groups, store);
    expect(active.current?.name).toBe("align");
    await active.choose("night");
    expect(texts.get("s:active_measurementgroup")).toBe("night");
    expect((await ActiveMeasurementGroup.open("s", groups, store)).current?.name).toBe("night");
    expect((await ActiveMeasurementGroup.open("s", groups.slice(0, 1), store)).current?.name).toBe("align");
    await expect(active.choose("nix")).rejects.toThrow(
      "there is no measurement group nix: expected one of align, night",
    );
  });
});
