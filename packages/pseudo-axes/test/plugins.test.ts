import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VirtualClock } from "@beamtime/concurrency";
import { checkConfig, loadConfig } from "@beamtime/config";
import { simulationPlugins } from "@beamtime/controller-simulation";
import { Axis, AxisStoppedError, moveTogether } from "@beamtime/motion";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EnergyWavelength, MultiplePositions, pseudoAxesPlugins, SleepHook, Slits, Tripod } from "../src/index.js";

const plugins = [...simulationPlugins, ...pseudoAxesPlugins];

const motors = `
- class: mockup
  axes:
  - {name: sx, steps_per_unit: 2000, velocity: 10, acceleration: 100, low_limit: -20, high_limit: 20, unit: mm}
  - {name: sy, steps_per_unit: -2000, velocity: 10, acceleration: 100, unit: mm}
  - {name: sz, steps_per_unit: 2000, velocity: 10, acceleration: 100, unit: mm, motion_hooks: [$air]}
  - {name: mono, steps_per_unit: 2000, velocity: 10, acceleration: 100, unit: deg}
`;
const hook =
  "{name: air, plugin: bliss, class: SleepHook, module: motors.hooks, pre_move_wait: 0.5, post_move_wait: 0.3}";

async function objectsOf(calculated: string, bliss = "") {
  const clock = new VirtualClock();
  const config = await loadConfig([
    { path: "motors/__init__.yml", content: "plugin: emotion" },
    { path: "motors/sim.yml", content: motors },
    { path: "motors/calc.yml", content: calculated },
    { path: "bliss.yml", content: `- ${hook}\n${bliss}` },
  ]);
  const problems = checkConfig(config, plugins).map(({ line, message }) => `${line}: ${message}`);
  return { clock, problems, objects: config.objects({ plugins, clock }) };
}

const slits = `
- class: slits
  name: s1
  slit_type: horizontal
  axes:
  - {name: $sx, tags: real front}
  - {name: $sy, tags: real back}
  - {name: gap, tags: hgap, unit: mm, low_limit: 0, high_limit: 30}
  - {name: offs, tags: hoffset, unit: mm}
`;

describe("the configuration", () => {
  it("makes slits as BLISS writes them", async () => {
    const { clock, problems, objects } = await objectsOf(slits);
    expect(problems).toEqual([]);
    const gap = await objects.get("gap", Axis);
    const offs = await objects.get("offs", Axis);
    expect(await objects.get("s1")).toBeInstanceOf(Slits);
    expect(gap.controller).toBe(offs.controller);
    await clock.run(gap.move(4));
    expect((await objects.get("sx", Axis)).position).toBe(2);
    expect([gap.limits, gap.unit]).toEqual([[0, 30], "mm"]);
    await expect(clock.run(offs.move(19))).rejects.toThrow("sx cannot go to 21 mm, where dial 19 of offs leads it");
    expect(objects.problems).toEqual([]);
    await objects[Symbol.asyncDispose]();
  });

  it("makes axes that are calculated from calculated ones, and refuses circles", async () => {
    const table = (name: string, of: string) =>
      `- {class: LookupTable, package: "@beamtime/pseudo-axes", columns: [${name}, x], table: [[0, 0], [10, 20]], ` +
      `axes: [{name: $${of}, tags: real x}, {name: ${name}, tags: ${name}}]}\n`;
    const { clock, problems, objects } = await objectsOf(
      slits + table("half", "gap") + table("a", "c") + table("b", "a") + table("c", "b"),
    );
    expect(problems).toEqual(["11: objects refer to each other in a circle: a → c → b → a"]);
    const half = await objects.get("half", Axis);
    await clock.run(half.move(3));
    expect((await objects.get("sx", Axis)).position).toBe(3);
    await expect(clock.run(half.move(11))).rejects.toThrow(
      "half cannot go to dial 11: expected a position from 0 to 10, the table of LookupTable of half",
    );
    await expect(objects.get("a")).rejects.toThrow(/objects need each other in a circle to be created: .*a → /);
  });

  it("makes a monochromator, a rotated frame and a table on three legs", async () => {
    const { clock, problems, objects } = await objectsOf(`
- class: EnergyWavelength
  axes:
  - {name: $mono, tags: real monoang}
  - {name: energy, tags: energy, dspace: 3.1356, unit: eV}
  - {name: lambda, tags: wavelength}
- class: XYOnRotation
  axes:
  - {name: $mono, tags: real rot}
  - {name: $sx, tags: real rx}
  - {name: $sy, tags: real ry}
  - {name: x, tags: x}
  - {name: y, tags: y}
- class: tripod
  name: table
  centers:
  - {center_id: middle, ax: -0.3, ay: 0, bx: 0.3, by: 0, cx: 0, cy: 0.4}
  axes:
  - {name: $sx, tags: real lega}
  - {name: $sy, tags: real legb}
  - {name: $sz, tags: real legc}
  - {name: tz, tags: tz, unit: mm}
  - {name: ry, tags: ry, unit: mrad}
`);
    expect(problems).toEqual([]);
    const [energy, lambda, mono] = await Promise.all(
      ["energy", "lambda", "mono"].map((name) => objects.get(name, Axis)),
    );
    if (!energy || !lambda || !mono) throw new Error("an axis is missing");
    expect(energy.controller).toBeInstanceOf(EnergyWavelength);
    await clock.run(Promise.all([energy.initialize(), lambda.initialize()]));
    expect([energy.position, lambda.position, energy.state.has("READY")]).toEqual([Number.NaN, 0, true]); // at 0 degrees
    await clock.run(energy.move(10_002.35));
    expect([mono.position, lambda.position]).toEqual([expect.closeTo(11.4, 3), expect.closeTo(1.23955, 4)]);
    await clock.run(lambda.move(1));
    expect(energy.position).toBeCloseTo(12_398.42, 1);
    await clock.run(mono.move(90));
    const x = await objects.get("x", Axis);
    await clock.run(x.move(2));
    expect([(await objects.get("sx", Axis)).position, (await objects.get("sy", Axis)).position]).toEqual([
      expect.closeTo(0, 9),
      expect.closeTo(-2, 9),
    ]);
    // together with the rotation: where that leads
    const [sx, sy] = [await objects.get("sx", Axis), await objects.get("sy", Axis)];
    await clock.run(
      moveTogether([
        [x, 3],
        [mono, 0],
      ]),
    );
    expect([x.position, mono.position, sx.position]).toEqual([expect.closeTo(3, 9), 0, expect.closeTo(3, 9)]);
    const stopped = moveTogether([
      [x, 5],
      [mono, 90],
    ]).catch((error: unknown) => error);
    await clock.advance(1);
    await clock.run(x.stop());
    expect(await stopped).toBeInstanceOf(AxisStoppedError);
    expect([mono.isMoving, mono.position > 1, mono.position < 80, sx.position]).toEqual([
      false,
      true,
      true,
      expect.closeTo(3, 9),
    ]);
    await clock.run(moveTogether([[mono, 90]]));
    await clock.run(Promise.all([sx.move(0), sy.move(-2)]));
    expect(await objects.get("table")).toBeInstanceOf(Tripod);
    const tz = await objects.get("tz", Axis);
    await clock.run(tz.initialize());
    expect(tz.position).toBeCloseTo(-1, 9);
    await clock.run(tz.move(5)); // and tilted as before
    expect((await objects.get("sz", Axis)).position).toBeCloseTo(6, 9);
  });

  it.each([
    ["tags: hgap", "tags: hgep", "axes[2].tags", 'expected hgap or hoffset, not "hgep"'],
    ["tags: hoffset", "tags: hgap", "axes[3].tags", "expected another tag: another axis has hgap"],
    ["tags: real back", "tags: back", "axes[1].tags", "expected real back, as $sy is an axis already"],
    ["tags: real back", "tags: real bck", "axes[1].tags", "expected real front or real back"],
    ["name: $sy", "name: sy2", "axes[1].name", "expected a reference, $sy2, as it is a real axis"],
    ["- {name: $sy, tags: real back}", "- {name: bb, tags: hoffset}", "axes[3].tags", "expected another tag"],
    ["  - {name: $sy, tags: real back}\n", "", "axes[3]", "missing, expected - {name: $…, tags: real back}"],
    [
      "hoffset, unit: mm",
      "hoffset, low_limit: 5, high_limit: 1",
      "axes[3].high_limit",
      "expected at least low_limit, 5",
    ],
  ])("is refused with a reason, and when it is checked: %s as %s", async (right, wrong, key, message) => {
    const { problems, objects } = await objectsOf(slits.replace(right, () => wrong));
    expect(problems).toContainEqual(expect.stringContaining(`${key}: ${message}`));
    await expect(objects.get("offs")).rejects.toThrow(`${key}): ${message}`);
  });

  it("is refused where it refers to something that is no axis", async () => {
    const { objects } = await objectsOf(slits.replace("name: $sy", () => "name: $air"));
    await expect(objects.get("offs")).rejects.toThrow("$air is no Axis");
  });

  it.each([
    ["{class: EnergyWavelength, name: c, dspace: 0, AXES}", "dspace", "a positive number, not 0"],
    ["{class: EnergyWavelength, name: c, dspace: .inf, AXES}", "dspace", "a positive number, not Infinity"],
    ["{class: bipod, name: c, centers: [{center_id: m, ax: .inf}], AXES}", "centers[0].ax", "a finite number"],
    [
      "{class: slits, name: c, axes: [{name: g, tags: hgap, tolerance: -1}]}",
      "axes[0].tolerance",
      "a finite number of",
    ],
    ["{class: slits, name: c, axes: [{name: g, tags: hgap, offset: .inf}]}", "axes[0].offset", "a finite number, not"],
  ])("refuses what makes no sense, and tells where: %s", async (item, key, expected) => {
    const { problems, objects } = await objectsOf(`- ${item.replace("AXES", "axes: [{name: e, tags: energy}]")}`);
    expect(problems).toEqual([expect.stringContaining(`${key}: expected ${expected}`)]);
    await expect(objects.get("c")).rejects.toThrow(`${key}): expected ${expected}`);
  });

  it("makes motion hooks that wait", async () => {
    const { clock, problems, objects } = await objectsOf(slits, "- {name: brake, plugin: bliss, class: SleepHook}");
    expect(problems).toEqual([]);
    expect(await objects.get("air")).toBeInstanceOf(SleepHook);
    expect(await objects.get("brake", SleepHook)).toMatchObject({ preMoveWait: 0, postMoveWait: 0 });
    const sz = await objects.get("sz", Axis);
    await clock.run(sz.initialize());
    const before = clock.now();
    const started: number[] = [];
    sz.onState((state) => state.has("MOVING") && started.push(clock.now() - before));
    await clock.run(sz.move(1));
    expect(started).toEqual([expect.closeTo(0.5, 9)]);
    const sx = await objects.get("sx", Axis);
    await clock.run(sx.initialize());
    const middle = clock.now();
    await clock.run(sx.move(1));
    expect(middle - before - (clock.now() - middle)).toBeCloseTo(0.8, 9);
  });

  it.each([
    ["destination: .inf", "destination: expected a finite number, not Infinity"],
    ["destination: 1, tolerance: -1", "tolerance: expected a number of at least 0, not -1"],
  ])("refuses named positions that make no sense: %s", async (target, message) => {
    const { problems } = await objectsOf(
      slits,
      `- {name: att, class: MultiplePositions, plugin: bliss, positions: [{label: IN, target: [{axis: $sx, ${target}}]}]}`,
    );
    expect(problems).toEqual([expect.stringContaining(`positions[0].target[0].${message}`)]);
  });

  it.each(["bliss", "generic"])("makes named positions (%s)", async (plugin) => {
    const { clock, problems, objects } = await objectsOf(
      slits,
      `
- name: att
  plugin: ${plugin}
  class: MultiplePositions
  move_simultaneous: false
  positions:
  - {label: IN, description: in the beam, target: [{axis: $sx, destination: 2.5, tolerance: 0.01}, {axis: $offs, destination: 1}]}
  - {label: OUT, target: [{axis: $sx, destination: 5}]}
`,
    );
    expect(problems).toEqual([]);
    const att = await objects.get("att", MultiplePositions);
    expect(att.simultaneous).toBe(false);
    await clock.run(att.move("OUT"));
    expect(att.position).toBe("OUT");
  });
});

describe("tables in files", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "beamtime-table-"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it("are read, energies in eV or keV", async () => {
    await writeFile(join(folder, "energy.lut"), "# eV deg\n7000 16.4\n10000 11.4\n17000, 6.7\n");
    await writeFile(join(folder, "gap.txt"), "5 10\n10 20\n");
    const { clock, objects } = await objectsOf(`
- class: EnergyWavelength
  lut: ${join(folder, "energy.lut")}
  axes:
  - {name: $mono, tags: real monoang}
  - {name: energy, tags: energy, unit: keV}
- class: LookupTable
  package: "@beamtime/pseudo-axes"
  file: ${join(folder, "gap.txt")}
  columns: [undulator, gap]
  axes:
  - {name: $sx, tags: real gap}
  - {name: u35, tags: undulator}
`);
    await clock.run((await objects.get("energy", Axis)).move(10));
    expect((await objects.get("mono", Axis)).position).toBeCloseTo(11.4, 9);
    await clock.run((await objects.get("u35", Axis)).move(7.5));
    expect((await objects.get("sx", Axis)).position).toBe(15);
  });

  it("that cannot be read are told with their path", async () => {
    const path = join(folder, "none.lut");
    const { objects } = await objectsOf(`
- class: EnergyWavelength
  lut: ${path}
  axes:
  - {name: $mono, tags: real monoang}
  - {name: energy, tags: energy}
`);
    await expect(objects.get("energy")).rejects.toThrow(`the table ${path} cannot be used: ENOENT`);
    await writeFile(path, "1 two\n3 4\n");
    await expect(objects.get("energy")).rejects.toThrow("row 1 of the table is 1 NaN; expected 2 finite numbers");
  });
});
