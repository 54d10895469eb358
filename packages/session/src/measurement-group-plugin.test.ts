import { VirtualClock } from "@beamtime/concurrency";
import { loadConfig } from "@beamtime/config";
import { simulationPlugins } from "@beamtime/controller-simulation";
import { type Counter, MeasurementGroup } from "@beamtime/counters";
import { describe, expect, it } from "vitest";
import { measurementGroupPlugin } from "./measurement-group-plugin.js";

async function setUp(groups: string, counters: readonly Counter[] = []) {
  const config = await loadConfig([
    {
      path: "counters.yml",
      content: `
- {name: mon, plugin: bliss, class: simulation_diode}
- {name: det, plugin: bliss, class: simulation_diode}
- {name: mca1, plugin: bliss, class: SimulatedMCA, module: mca}
- {name: cam, plugin: bliss, class: Lima}
`,
    },
    { path: "s/__init__.yml", content: "plugin: session\n" },
    { path: "s/mg.yml", content: groups },
  ]);
  const warnings: string[] = [];
  const objects = config.objects({
    plugins: [...simulationPlugins, measurementGroupPlugin({ counters: () => counters })],
    clock: new VirtualClock(),
    onWarning: (source, message) => void warnings.push(`${source}: ${message}`),
  });
  const fullnames = async (name: string): Promise<string[]> =>
    (await objects.get(name, MeasurementGroup)).counters.map(({ fullname }) => fullname);
  return { objects, warnings, fullnames };
}

describe("a measurement group of the configuration", () => {
  it("has counters by name, by full name, by controller, and those of included groups", async () => {
    const { fullnames, warnings } = await setUp(`
- class: MeasurementGroup
  name: mg
  counters: ["mca1:spectrum_det0", mon]
  include: [rest]
- class: MeasurementGroup
  name: rest
  counters: [mca1, mon, "simulation_diode_sampling_controller:det"]
`);
    const all = await fullnames("mg");
    expect(all.slice(0, 2)).toEqual(["mca1:spectrum_det0", "simulation_diode_sampling_controller:mon"]);
    expect(all.at(-1)).toBe("simulation_diode_sampling_controller:det");
    expect(all.length).toBe(new Set(all).size);
    expect(all.filter((name) => name.startsWith("mca1:")).length).toBeGreaterThan(0);
    expect(warnings).toEqual([]);
  });

  it("has all below a beginning of full names, of the counters that are there", async () => {
    const { objects } = await setUp("[]");
    const counters = [(await objects.get("mon")) as Counter, (await objects.get("det")) as Counter]; // the classes say so
    const { fullnames } = await setUp(
      "{class: MeasurementGroup, name: mg, counters: [simulation_diode_sampling_controller]}",
      counters,
    );
    expect(await fullnames("mg")).toEqual(counters.map(({ fullname }) => fullname));
  });

  it("leaves out what is not there or cannot be made, and says so", async () => {
    const { fullnames, warnings } = await setUp("{class: MeasurementGroup, name: mg, counters: [cam, mon, nix]}");
    expect(await fullnames("mg")).toEqual(["simulation_diode_sampling_controller:mon"]);
    expect(warnings).toEqual([
      expect.stringContaining("mg: cam cannot be made: counters.yml:5"),
      "mg: there is no counter cam: left out",
      "mg: there is no counter nix: left out",
    ]);
  });

  it("is refused when it includes what is no group, or has no counters", async () => {
    const { objects } = await setUp(`
- {class: MeasurementGroup, name: mg, counters: [], include: [mon]}
- {class: MeasurementGroup, name: mg2}
`);
    await expect(objects.get("mg")).rejects.toThrow("mon is no MeasurementGroup");
    await expect(objects.get("mg2")).rejects.toThrow("s/mg.yml:3 ([1].counters): missing, expected array");
  });
});
