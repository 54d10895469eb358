import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ClassSearch, itemOf } from "./class-search.js";
import { loadConfig } from "./load-config.js";
import type { ConfigPlugin } from "./plugin.js";

const plugin = (fields: Pick<ConfigPlugin, "plugin" | "class" | "module" | "package">): ConfigPlugin => ({
  ...fields,
  schema: z.unknown(),
  create: () => ({}),
});

const mockup = plugin({ plugin: "emotion", class: "Mockup" });
const faulty = plugin({ plugin: "emotion", class: "FaultyMockup", module: "mockup" });
const counter = plugin({ plugin: "bliss", class: "SimulationCounter" });
const mca = plugin({ plugin: "bliss", class: "SimulatedMCA", module: "mca" });
const loop = plugin({ plugin: "regulation", class: "Loop", package: "bliss.common.regulation" });
const acme = plugin({ plugin: "bliss", class: "SimulationCounter", package: "@acme/beamtime-foo" });
const search = new ClassSearch([mockup, faulty, counter, mca, loop, acme]);

async function find(content: string) {
  const config = await loadConfig([{ path: "a.yml", content }]);
  return search.find(itemOf(config.node("x")));
}

describe("the search for the plugin of a class", () => {
  it.each<[string, ConfigPlugin]>([
    ["{name: x, plugin: emotion, class: mockup}", mockup],
    ["{name: x, plugin: emotion, class: Mockup, module: mockup}", mockup],
    ["{name: x, plugin: emotion, class: Mockup, module: motors.mockup}", mockup],
    ["{name: x, plugin: emotion, class: Mockup, package: bliss.controllers.motors.mockup}", mockup],
    ["{name: x, plugin: emotion, class: FaultyMockup, module: mockup}", faulty],
    ["{plugin: emotion, class: mockup, axes: [{name: x, class: MockupAxis}]}", mockup],
    ["{plugin: emotion, controller: [{class: mockup, axes: [{name: x}]}]}", mockup],
    ["{name: x, plugin: bliss, class: SimulationCounter}", counter],
    ["{name: x, plugin: bliss, class: SimulationCounter, module: simulation_counter}", counter],
    ["{name: x, plugin: bliss, class: SimulationCounter, package: bliss.controllers.simulation_counter}", counter],
    ["{plugin: bliss, class: SimulationCounter, list: [{name: x}]}", counter],
    ["{name: x, plugin: bliss, class: SimulatedMCA, module: mca}", mca],
    ["{name: x, plugin: bliss, class: SimulationCounter, package: '@acme/beamtime-foo'}", acme],
    ["{name: x, plugin: regulation, class: Loop, package: bliss.common.regulation}", loop],
  ])("finds it: %s", async (content, expected) => {
    expect(await find(content)).toBe(expected);
  });

  it.each([
    [
      "{name: x, plugin: bliss, class: SimulatedMCA}",
      "no plugin makes class SimulatedMCA (bliss): expected module: mca beside it",
    ],
    [
      "{name: x, plugin: bliss, class: SimulatedMCA, module: xia}",
      "no plugin makes class SimulatedMCA (bliss) of xia: expected module: mca beside it",
    ],
    [
      "{name: x, plugin: bliss, class: Foo, package: '@acme/other'}",
      "no plugin makes objects of class Foo (bliss) of package @acme/other: known are SimulatedMCA, SimulationCounter",
    ],
    [
      "{name: x, plugin: bliss, class: Lima}",
      "class Lima (bliss) is not available yet: Lima cameras need a Tango client",
    ],
    ["{name: x, plugin: keithley}", "x has no class, which says what to create"],
  ])("tells why there is none: %s", async (content, message) => {
    expect(await find(content)).toMatchObject({ message });
  });

  it("refuses two plugins that make the same class, also when one says where it is", () => {
    const same = plugin({ plugin: "emotion", class: "mockup", package: "bliss.controllers.motors.mockup" });
    expect(() => new ClassSearch([mockup, same])).toThrow("two plugins make objects of class mockup (emotion)");
  });
});
