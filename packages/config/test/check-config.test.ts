import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type ConfigPlugin, checkConfig, loadConfig, numberSchema, referenceSchema } from "../src/index.js";

const plugin = (name: string, className: string, schema: z.ZodType, module?: string): ConfigPlugin => ({
  plugin: name,
  class: className,
  module,
  schema,
  create: () => {
    throw new Error("a check makes no object");
  },
});

const axis = z.object({ name: z.string(), steps_per_unit: numberSchema, velocity: numberSchema });
const plugins = [
  plugin("emotion", "mockup", z.object({ axes: z.array(axis) })),
  plugin("emotion", "icepap", z.object({ axes: z.array(axis) })),
  plugin("emotion", "slits", z.object({ axes: z.array(z.object({ name: z.string(), tags: z.string() })) })),
  plugin("bliss", "simulation_diode", z.strictObject({ name: z.string(), of: referenceSchema.optional() }), undefined),
  plugin("bliss", "SimulationCounter", z.object({ name: z.string(), noise_factor: numberSchema.optional() })),
  plugin("bliss", "SimulatedMCA", z.object({ name: z.string() }), "mca"),
];

async function check(source: string | Readonly<Record<string, string>>): Promise<string[]> {
  const files =
    typeof source === "string" ? source : Object.entries(source).map(([path, content]) => ({ path, content }));
  const config = await loadConfig(files);
  const problems = [...config.problems, ...checkConfig(config, plugins)];
  return problems.map(({ severity, file, line, message }) => `${file}:${line} ${severity}: ${message}`);
}

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

describe("checking a configuration", () => {
  it("finds no error in the configuration that real BLISS runs", async () => {
    expect((await check(fixture("beacon_config"))).filter((problem) => problem.includes("error"))).toEqual([]);
  });

  it("finds in the standard items nothing but what is not available yet, by name", async () => {
    const problems = await check(fixture("standard_items"));
    expect(problems.filter((problem) => problem.includes("error"))).toEqual([
      "detectors/cam.yml:3 error: class Lima (bliss) is not available yet: Lima cameras need a Tango client",
    ]);
  });

  it("tells every mistake of mappings and references with its line", async () => {
    const diodes = "- {name: a, plugin: bliss, class: simulation_diode}\n- {name: b, plugin: bliss, class: nix}\n";
    expect(
      await check({
        "a.yml": `${diodes}- name: c\n  plugin: bliss\n  class: simulation_diode\n  of: 5\n  colour: red\n`,
        "b.yml": "plugin: emotion\nclass: mockup\naxes:\n- {name: x, steps_per_unit: 1}\n- name: y\n",
        "c.yml": "name: facts\nlist: [$a, $nix.b, a$b]\n",
      }),
    ).toEqual([
      "a.yml:2 error: no plugin makes objects of class nix (bliss): known are SimulatedMCA, SimulationCounter, simulation_diode",
      "a.yml:6 error: [2].of: expected string, not 5",
      "b.yml:4 error: axes[0].velocity: missing, expected number (and 2 more)",
      "c.yml:2 error: there is no object nix in the configuration",
    ]);
  });

  it("finds circles once, and lets the items of a controller refer to each other", async () => {
    const diode = (name: string, of: string): string =>
      `- {name: ${name}, plugin: bliss, class: simulation_diode, of: $${of}}\n`;
    expect(
      await check({
        "a.yml": diode("z", "a") + diode("a", "b") + diode("b", "c.x") + diode("c", "a") + diode("d", "d"),
        "b.yml":
          "plugin: emotion\nclass: mockup\naxes:\n- {name: x, steps_per_unit: 1, velocity: 1, encoder: $e}\nencoders:\n- name: e\n",
      }),
    ).toEqual([
      "a.yml:2 error: objects refer to each other in a circle: a → b → c → a",
      "a.yml:5 error: objects refer to each other in a circle: d → d",
    ]);
  });

  it("checks sessions, their aliases, and measurement groups", async () => {
    expect(
      await check({
        "o.yml": "- {name: a, plugin: bliss, class: simulation_diode}\n- service: {name: far, plugin: bliss}\n",
        "s/__init__.yml": "plugin: session\n",
        "s/s.yml": `
- class: Session
  name: s
  config-objects: [a, nix, mg]
  include-sessions: [s]
- class: Session
  name: t
  config-objects: [a, nix, mg, s]
  aliases:
  - {original_name: ctrl:a, alias_name: i0}
  - {original_name: ctrl:nix, alias_name: a}
- class: MeasurementGroup
  name: mg
  counters: [a, i0, ctrl:a, nix]
  include: [mg2, a]
- class: MeasurementGroup
  name: mg2
  include: [mg]
  counters: []
- {class: MeasurementGroup, name: mg3}
`,
      }),
    ).toEqual([
      "o.yml:2 warning: far belongs to another process (service): not available yet",
      "s/s.yml:5 error: [0].include-sessions: sessions include each other in a circle: s → s",
      "s/s.yml:8 warning: there is no object nix: left out",
      "s/s.yml:8 warning: s is a session: left out, include-sessions includes one",
      "s/s.yml:11 error: the alias a is the name of an object",
      expect.stringMatching(/^s\/s\.yml:11 warning: there is no object ctrl:nix /),
      expect.stringMatching(/^s\/s\.yml:14 warning: there is no object nix .* expected a counter, a controller/),
      "s/s.yml:15 error: there is no measurement group a",
      "s/s.yml:20 error: [4].counters: missing, expected array",
      "s/s.yml:15 error: objects refer to each other in a circle: mg → mg2 → mg",
    ]);
  });
});
