import { VirtualClock } from "@beamtime/concurrency";
import { checkConfig, loadConfig } from "@beamtime/config";
import { simulatedAxis, simulationPlugins } from "@beamtime/controller-simulation";
import { memorySettings, type SettingsStore } from "@beamtime/core";
import { Axis, AxisMovingError, AxisUnsupportedError } from "@beamtime/motion";
import { describe, expect, it } from "vitest";
import { pseudoAxesPlugins, Slits } from "../src/index.js";
import { virtualSlits } from "./virtual-slits.js";

// what real BLISS 1.11 does with its flag no_offset, seen there
describe("gap and offset of slits have no offset of their own", () => {
  it("another position of one gives the blades others, and nothing moves", async () => {
    const { clock, front, back, hg, ho } = await virtualSlits();
    await clock.run(hg.move(4));
    const told: number[][] = [];
    for (const axis of [hg, ho]) axis.onPosition(() => told.push([hg.position, ho.position]));
    hg.position = 1;
    expect([front, back, hg, ho].map(({ position }) => position)).toEqual([0.5, 0.5, 1, 0]);
    expect([front.dial, back.dial, front.offset, hg.dial, hg.offset]).toEqual([2, 2, -1.5, 1, 0]);
    expect([hg.target, ho.target, front.target]).toEqual([1, 0, 0.5]);
    expect(told).toEqual([[1, 0]]);
    ho.position = 2;
    expect([front, back, hg, ho].map(({ position }) => position)).toEqual([2.5, -1.5, 1, 2]);
    await clock.run(hg.move(2));
    expect([front.dial, back.dial, hg.position, ho.position]).toEqual([2.5, 2.5, 2, 2]);
  });

  it("the dial is the position: setting either is the same", async () => {
    const { clock, front, hg, ho } = await virtualSlits();
    await clock.run(hg.move(4));
    await clock.run(hg.setDial(0));
    expect([hg.position, hg.dial, hg.offset, front.position, front.dial, ho.position]).toEqual([0, 0, 0, 0, 2, 0]);
  });

  it("an offset or sign is refused, with what to do instead; what it has anyway is not", async () => {
    const { front, hg } = await virtualSlits();
    expect(() => {
      hg.offset = 1;
    }).toThrow(AxisUnsupportedError);
    expect(() => {
      hg.sign = -1;
    }).toThrow("hg has no sign of its own: set its position, or the sign of front, back");
    hg.offset = 0;
    hg.sign = 1;
    expect([hg.offset, hg.sign, front.offset]).toEqual([0, 1, 0]);
    expect(() => new Axis({ name: "g", address: "hgap", controller: hg.controller, offset: 2 })).toThrow(
      "offset of g is 2; expected none: the axes it is calculated from have theirs",
    );
  });

  it("a position is refused while a blade moves, and nothing has changed", async () => {
    const { clock, front, back, hg } = await virtualSlits();
    const moving = back.move(5);
    await clock.advance(0.1);
    expect(() => {
      hg.position = 1;
    }).toThrow(AxisMovingError);
    await clock.run(moving);
    expect([front.offset, back.offset, hg.offset]).toEqual([0, 0, 0]);
  });

  it("an axis that is calculated from one hands its position down to the blades", async () => {
    const { clock, motors, front, back, hg, ho } = await virtualSlits();
    const down = simulatedAxis({ name: "down", controller: motors, clock });
    const outer = new Slits({ name: "outer", type: "vertical", reals: { up: hg, down } });
    const gap = new Axis({ name: "gap", address: "vgap", controller: outer, clock });
    await clock.run(gap.initialize());
    gap.position = 4;
    expect([gap, hg, down, front, back, ho].map(({ position }) => position)).toEqual([4, 2, 2, 1, 1, 0]);
    expect([gap.offset, hg.offset, down.offset]).toEqual([0, 0, 2]);
  });
});

async function beamline(slits: string, settings: SettingsStore = memorySettings()) {
  const clock = new VirtualClock();
  const dynamics = "steps_per_unit: 1000, velocity: 10, acceleration: 100";
  const content = `plugin: emotion
motors:
- {class: mockup, axes: [{name: f, ${dynamics}}, {name: b, ${dynamics}}, {name: mono, ${dynamics}, unit: deg, position: 11.4}]}
- ${slits}
`;
  const config = await loadConfig([{ path: "motors.yml", content }]);
  const plugins = [...simulationPlugins, ...pseudoAxesPlugins];
  const warnings: string[] = [];
  const onWarning = (_: string, message: string): void => void warnings.push(message);
  const objects = config.objects({ plugins, clock, settings, onWarning });
  return { clock, objects, warnings, problems: checkConfig(config, plugins) };
}

describe("in a configuration", () => {
  const slits = (keys = "") =>
    `{class: slits, slit_type: horizontal, axes: [{name: $f, tags: real front}, {name: $b, tags: real back}, {name: hg, tags: hgap${keys}}]}`;

  it("sign and offset of slits have no effect, as in BLISS, and that is told", async () => {
    const { clock, objects, warnings, problems } = await beamline(slits(", sign: -1, offset: 3"));
    const hg = await objects.get("hg", Axis);
    await clock.run(hg.move(2));
    expect([hg.sign, hg.offset, (await objects.get("f", Axis)).position, problems]).toEqual([1, 0, 1, []]);
    expect(warnings).toEqual(["sign and offset of hg have no effect: the axes that it is calculated from have theirs"]);
  });

  it("what was kept of a sign and offset is forgotten, as in BLISS", async () => {
    const settings = memorySettings();
    await settings.save("axis.hg", "offset", 5);
    await settings.save("axis.hg", "sign", "-1");
    const { clock, objects } = await beamline(slits(), settings);
    const hg = await objects.get("hg", Axis);
    await clock.run(hg.initialize());
    await clock.run(hg.saved());
    const kept = await settings.load("axis.hg");
    expect([hg.position, hg.offset, hg.sign, kept.get("offset"), kept.get("sign")]).toEqual([0, 0, 1, 0, "1"]);
  });

  it("an energy gives the monochromator another angle, and the wavelength follows", async () => {
    const axes =
      "axes: [{name: $mono, tags: real monoang}, {name: en, tags: energy, dspace: 3.1356}, {name: wl, tags: wavelength}]";
    const { clock, objects } = await beamline(`{class: EnergyWavelength, ${axes}}`);
    const [en, wl, mono] = [
      await objects.get("en", Axis),
      await objects.get("wl", Axis),
      await objects.get("mono", Axis),
    ];
    await clock.run(Promise.all([en.initialize(), wl.initialize()]));
    en.position = 12;
    expect([en.position, wl.position, mono.position, mono.dial]).toEqual([
      expect.closeTo(12, 9),
      expect.closeTo(12.39842 / 12, 5),
      expect.closeTo(9.485, 2),
      11.4,
    ]);
    const own = await beamline(`{class: EnergyWavelength, no_offset: false, ${axes}}`);
    const energy = await own.objects.get("en", Axis);
    await own.clock.run(energy.initialize());
    energy.position = 12;
    expect([energy.position, energy.offset > 1, (await own.objects.get("mono", Axis)).position]).toEqual([
      12,
      true,
      11.4,
    ]);
  });
});
