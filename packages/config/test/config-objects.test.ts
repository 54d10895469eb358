import { VirtualClock } from "@beamtime/concurrency";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type ConfigPlugin, loadConfig, numberSchema, referenceSchema } from "../src/index.js";

class Thing {
  readonly name: string;
  readonly other: unknown;
  constructor(name: string, other?: unknown) {
    this.name = name;
    this.other = other;
  }
}

const clock = new VirtualClock();

const thingSchema = z.strictObject({
  name: z.string(),
  other: referenceSchema.optional(),
  limits: z.strictObject({ low: numberSchema }).optional(),
});
const things: string[] = [];
const thing: ConfigPlugin<z.infer<typeof thingSchema>> = {
  plugin: "bliss",
  class: "simulation_thing",
  schema: thingSchema,
  async create({ config }, tools) {
    tools.onDispose(() => void things.push(config.name));
    return { [config.name]: new Thing(config.name, config.other && (await tools.get(config.other))) };
  },
};

const axisSchema = z.strictObject({ name: z.string(), steps_per_unit: numberSchema, class: z.string().optional() });
const mockupSchema = z.strictObject({ axes: z.array(axisSchema) });
const mockup: ConfigPlugin<z.infer<typeof mockupSchema>> = {
  plugin: "emotion",
  class: "mockup",
  schema: mockupSchema,
  create: ({ config, inherited }) =>
    Object.fromEntries(config.axes.map(({ name }) => [name, new Thing(name, inherited("beamline"))])),
};

const objectsOf = async (content: string) =>
  (
    await loadConfig([
      { path: "__init__.yml", content: "beamline: id00\n" },
      { path: "a.yml", content },
    ])
  ).objects({ plugins: [thing, mockup], clock });

describe("objects of a configuration", () => {
  it("can have changes of their mappings saved, by whoever keeps the configuration", async () => {
    const config = await loadConfig([{ path: "a.yml", content: "{name: a, plugin: bliss, class: keeper}" }]);
    const keeper: ConfigPlugin = {
      plugin: "bliss",
      class: "keeper",
      schema: z.unknown(),
      create: ({ name = "" }, tools) => ({ [name]: { keep: () => tools.save(name, { size: 2 }) } }),
    };
    interface Keeper {
      keep(): Promise<void>;
    }
    const saved: unknown[] = [];
    const save = async (...change: unknown[]): Promise<void> => void saved.push(change);
    await using kept = config.objects({ plugins: [keeper], clock, save });
    await ((await kept.get("a")) as Keeper).keep(); // made by the plugin above
    expect(saved).toEqual([["a", { size: 2 }]]);
    await using loose = config.objects({ plugins: [keeper], clock });
    await expect(((await loose.get("a")) as Keeper).keep()).rejects.toThrow(
      "changes of a cannot be saved: nobody keeps this configuration",
    );
  });

  it("are created once, with what they refer to", async () => {
    await using objects = await objectsOf(`
- {name: a, plugin: bliss, class: simulation_thing, other: $b.other.name}
- {name: b, plugin: bliss, class: simulation_thing, other: $c}
- {name: c, plugin: bliss, class: simulation_thing}
`);
    const a = await objects.get("a", Thing);
    expect(a.other).toBe("c");
    expect(await objects.get("$a")).toBe(a);
  });

  it("of a controller are created together by its class, found from the top, whatever its case", async () => {
    await using objects = await objectsOf(`
controller:
- class: Mockup
  plugin: emotion
  axes:
  - {name: x, steps_per_unit: "-inf", class: NoSettingsAxis}
  - {name: y, steps_per_unit: 1}
`);
    expect(await objects.get("x")).toEqual(new Thing("x", "id00"));
    expect(await objects.get("y")).toEqual(new Thing("y", "id00"));
  });

  it("without a plugin are their mapping", async () => {
    await using objects = await objectsOf("{name: facts, energy: {min: 5}}");
    expect(await objects.get("$facts.energy.min")).toBe(5);
  });

  it("that need each other in a circle are refused with the way round, also when asked for at the same time", async () => {
    await using objects = await objectsOf(`
- {name: a, plugin: bliss, class: simulation_thing, other: $b}
- {name: b, plugin: bliss, class: simulation_thing, other: $c}
- {name: c, plugin: bliss, class: simulation_thing, other: $a}
- {name: d, plugin: bliss, class: simulation_thing, other: $d}
`);
    await expect(objects.get("a")).rejects.toThrow("in a circle to be created: a → b → c → a");
    await expect(objects.get("d")).rejects.toThrow("d → d");
    const results = await Promise.allSettled(["a", "b", "c"].map((name) => objects.get(name)));
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  });

  it.each([
    [
      "{name: a, plugin: bliss, class: nix}",
      "a.yml:1 (class): no plugin makes objects of class nix (bliss): known are simulation_thing",
    ],
    ["{name: a, plugin: bliss}", "a.yml:1: a has no class"],
    [
      "{name: a, plugin: emotion, class: GalilDMC}",
      "a.yml:1 (class): class GalilDMC (emotion) is not available yet: there is no driver for this motor controller",
    ],
    ["{name: a, plugin: regulation, class: Loop}", "class Loop (regulation) is not available yet"],
    ["service: {name: a, plugin: bliss, class: simulation_thing}", "a belongs to another process (service)"],
    ["name: a\nplugin: bliss\nclass: simulation_thing\nother: 5", "a.yml:4 (other): expected string, not 5"],
    [
      "name: a\nplugin: bliss\nclass: simulation_thing\nother: b",
      'a.yml:4 (other): expected a reference such as $name, not "b"',
    ],
    [
      "name: a\nplugin: bliss\nclass: simulation_thing\nlimits:\n  low: high",
      'a.yml:5 (limits.low): expected number, not "high"',
    ],
    [
      "name: a\nplugin: bliss\nclass: simulation_thing\nother: $nix.a",
      "a.yml:4 (other): there is no object nix in the configuration",
    ],
    [
      "plugin: emotion\nclass: mockup\naxes:\n- {name: a}",
      "a.yml:4 (axes[0].steps_per_unit): missing, expected number",
    ],
  ])("are refused with place and expectation: %s", async (content, message) => {
    await using objects = await objectsOf(content);
    await expect(objects.get("a")).rejects.toThrow(message);
  });

  it("are refused when they are not what the asker needs, or a reference leads nowhere", async () => {
    await using objects = await objectsOf("- {name: a, plugin: bliss, class: simulation_thing}");
    await expect(objects.get("a", Map)).rejects.toThrow("a is no Map");
    await expect(objects.get("$a.nix.x")).rejects.toThrow("$a.nix.x leads nowhere: there is no nix");
    await expect(objects.get("$a.constructor")).rejects.toThrow("leads nowhere");
  });

  it("tell of keys that have no effect", async () => {
    await using objects = await objectsOf(
      "name: a\nplugin: bliss\nclass: simulation_thing\nuser_tag: t\nspeed: 5\nlimits:\n  low: 1\n  hi: 2\n",
    );
    await objects.get("a");
    expect(objects.problems.map(({ line, message }) => `${line} ${message}`)).toEqual([
      "8 the key hi of limits is unknown and has no effect",
      "5 the key speed is unknown and has no effect",
    ]);
  });

  it("are released last first, once, and not created afterwards", async () => {
    things.length = 0;
    const objects = await objectsOf(
      "- {name: a, plugin: bliss, class: simulation_thing}\n- {name: b, plugin: bliss, class: simulation_thing}",
    );
    await objects.get("a");
    await objects.get("b");
    await objects[Symbol.asyncDispose]();
    await objects[Symbol.asyncDispose]();
    expect(things).toEqual(["b", "a"]);
    await expect(objects.get("a")).rejects.toThrow("disposed");
  });

  it("of a plugin that fails are tried anew when they are asked for again", async () => {
    let attempts = 0;
    const flaky: ConfigPlugin = {
      plugin: "bliss",
      class: "flaky",
      schema: z.unknown(),
      create: () => {
        if (attempts++ === 0) throw new TypeError("no answer");
        return { a: new Thing("a") };
      },
    };
    const config = await loadConfig([{ path: "a.yml", content: "{name: a, plugin: bliss, class: flaky}" }]);
    await using objects = config.objects({ plugins: [flaky], clock });
    await expect(objects.get("a")).rejects.toThrow("a.yml:1: a cannot be created: no answer");
    expect(await objects.get("a")).toBeInstanceOf(Thing);
  });
});
