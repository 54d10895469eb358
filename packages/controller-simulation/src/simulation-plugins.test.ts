import { fileURLToPath } from "node:url";
import { VirtualClock } from "@beamtime/concurrency";
import { type ConfigPlugin, checkConfig, loadConfig } from "@beamtime/config";
import { AcquisitionChain, Scan, SoftwareTimerMaster } from "@beamtime/core";
import { IntegratingCounter, SamplingCounter } from "@beamtime/counters";
import { Axis, Encoder, positionText } from "@beamtime/motion";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { SimulatedMca } from "./simulated-mca.js";
import { SimulatedMotorController } from "./simulated-motor-controller.js";
import { simulationPlugins } from "./simulation-plugins.js";

/** Makes a motion hook. */
const padPlugin: ConfigPlugin = {
  plugin: "bliss",
  class: "air_pad",
  schema: z.looseObject({}),
  create: () => ({ pad: { name: "pad", preMove: () => {} } }),
};

async function objectsOf(motors: string, counters: string, plugins: readonly ConfigPlugin[] = []) {
  const clock = new VirtualClock();
  const config = await loadConfig([
    { path: "motors.yml", content: `plugin: emotion\n${motors}` },
    { path: "counters/__init__.yml", content: "plugin: bliss" },
    { path: "counters/sim.yml", content: counters },
  ]);
  return { clock, objects: config.objects({ plugins: [...plugins, ...simulationPlugins], clock }) };
}

/** Both by a check and when the object is asked for. */
async function expectRefused(motors: string, message: string): Promise<void> {
  const config = await loadConfig([{ path: "motors.yml", content: `plugin: emotion\n${motors}` }]);
  const problems = checkConfig(config, simulationPlugins).map((problem) => `${problem.file}: ${problem.message}`);
  expect(problems).toEqual([expect.stringContaining(`motors.yml: ${message}`)]);
  const objects = config.objects({ plugins: simulationPlugins, clock: new VirtualClock() });
  const [key = "", sentence = ""] = message.split(": ");
  await expect(objects.get("m")).rejects.toThrow(`(${key}): ${sentence}`);
}

const motors = `
class: mockup
name: simctrl
axes:
- name: robz
  steps_per_unit: 2000
  velocity: 2.5
  acceleration: "10"
  low_limit: -inf
  high_limit: "20"
  unit: mm
- name: roby
  steps_per_unit: -2000
  velocity: 2.5
  acceleration: 10
  position: 3
`;

describe("the simulation's plugins", () => {
  it("make axes of a mockup controller", async () => {
    const { clock, objects } = await objectsOf(motors, "[]");
    const robz = await objects.get("robz", Axis);
    const roby = await objects.get("roby", Axis);
    expect(await objects.get("simctrl")).toBeInstanceOf(SimulatedMotorController);
    expect(robz.controller).toBe(roby.controller);
    expect([robz.limits, robz.unit, robz.velocity, robz.acceleration]).toEqual([
      [Number.NEGATIVE_INFINITY, 20],
      "mm",
      2.5,
      10,
    ]);
    await roby.initialize();
    expect(roby.position).toBe(3);
    await clock.run(robz.move(5));
    expect(robz.position).toBe(5);
    expect(objects.problems).toEqual([]);
  });

  it("make a reversed axis whose settings BLISS has saved", async () => {
    const { objects } = await objectsOf(
      `
class: mockup
axes:
- name: rot
  steps_per_unit: 10
  velocity: 1
  velocity_low_limit: .inf
  velocity_high_limit: .inf
  acceleration: 1
  low_limit: 6.0
  high_limit: -17.0
  sign: -1
`,
      "[]",
    );
    const rot = await objects.get("rot", Axis);
    expect([rot.limits, rot.velocityLimits]).toEqual([
      [-6, 17],
      [0, Number.POSITIVE_INFINITY],
    ]);
  });

  it("make axes with encoders, hooks, limits of velocity and switches", async () => {
    const { clock, objects } = await objectsOf(
      `
class: mockup
axes:
- name: sx
  class: MockupAxis
  address: 11
  steps_per_unit: "-2000"
  velocity: 2.5
  velocity_low_limit: 0.1
  velocity_high_limit: "5"
  jog_velocity: 0.5
  acceleration: 10
  encoder: $sx_enc
  check_encoder: true
  read_position: encoder
  motion_hooks: [$pad]
  disabled_cache: [position]
  user_tag: slits
  hardware_low_limit: -3
  hardware_high_limit: 4
  home_position: 1.5
encoders:
- name: sx_enc
  steps_per_unit: 10000
  tolerance: 0.002
  unit: mm
`,
      `
- name: pad
  class: air_pad
`,
      [padPlugin],
    );
    const sx = await objects.get("sx", Axis);
    const encoder = await objects.get("sx_enc", Encoder);
    expect(sx).toMatchObject({ address: "11", stepsPerUnit: -2000, jogVelocity: 0.5, velocityLimits: [0.1, 5] });
    expect(sx.encoder).toBe(encoder);
    expect(encoder).toMatchObject({ stepsPerUnit: 10_000, tolerance: 0.002, unit: "mm" });
    expect(sx.motionHooks).toEqual([expect.objectContaining({ name: "pad" })]);
    expect(objects.problems).toEqual([]);

    await clock.run(sx.move(2));
    expect([sx.position, await sx.measuredPosition()]).toEqual([2, 2]);
    await clock.run(sx.hwLimit(1));
    expect([sx.position, sx.state.has("LIMNEG")]).toEqual([4, true]);
    await clock.run(sx.home(-1));
    expect([sx.position, sx.state.has("HOME")]).toEqual([1.5, true]);
  });

  it("say which reference of an axis is not what it should be", async () => {
    const axis = "class: mockup\naxes: [{name: a, steps_per_unit: 1, velocity: 1, acceleration: 1, KEY}]";
    const diode = "[{name: diode, class: simulation_diode}]";
    for (const [key, message] of [
      ["encoder: $diode", "$diode is no encoder: expected one of the list encoders"],
      ["motion_hooks: [$diode]", "$diode is no motion hook: expected an object with a name and preMove"],
    ] as const) {
      const { objects } = await objectsOf(axis.replace("KEY", key), diode);
      await expect(objects.get("a")).rejects.toThrow(message);
    }
  });

  it.each([
    ["velocity: 0", "[0].velocity: expected a positive number, not 0"],
    ["velocity: -1", "[0].velocity: expected a positive number, not -1"],
    ["velocity: .inf", "[0].velocity: expected a positive number, not Infinity"],
    ["velocity: .nan", "[0].velocity: expected number, not NaN"],
    ["acceleration: -4", "[0].acceleration: expected a positive number, not -4"],
    ["steps_per_unit: 0", "[0].steps_per_unit: expected a finite number other than 0, not 0"],
    ["steps_per_unit: .inf", "[0].steps_per_unit: expected a finite number other than 0, not Infinity"],
    ["velocity_low_limit: -1", "[0].velocity_low_limit: expected a number of at least 0, not -1"],
    ["jog_velocity: 0", "[0].jog_velocity: expected a positive number, not 0"],
    ["sign: 2", "[0].sign: expected 1 or -1, not 2"],
    ["offset: .inf", "[0].offset: expected a finite number, not Infinity"],
    ["backlash: -.inf", "[0].backlash: expected a finite number, not -Infinity"],
    ["tolerance: -0.1", "[0].tolerance: expected a finite number of at least 0, not -0.1"],
    ["polling_time: -1", "[0].polling_time: expected a finite number of at least 0, not -1"],
    ["modulo: 0", "[0].modulo: expected a positive number, not 0"],
    ["position: .inf", "[0].position: expected a finite number, not Infinity"],
    ["home_position: .inf", "[0].home_position: expected a finite number, not Infinity"],
    ["home_width: -1", "[0].home_width: expected a positive number, not -1"],
    ["play: -1", "[0].play: expected a finite number of at least 0, not -1"],
    ["low_limit: 21", "[0].high_limit: expected at least low_limit, 21, not 20"],
    [
      "velocity_high_limit: 2",
      "[0].velocity: expected 0 to 2, as velocity_low_limit and velocity_high_limit say, not 3",
    ],
    [
      "velocity_low_limit: 3, velocity_high_limit: 2",
      "[0].velocity_high_limit: expected at least velocity_low_limit, 3, not 2",
    ],
    [
      "jog_velocity: 9, velocity_high_limit: 8",
      "[0].jog_velocity: expected 0 to 8, as velocity_low_limit and velocity_high_limit say, not 9",
    ],
    [
      "hardware_low_limit: 2, hardware_high_limit: 1",
      "[0].hardware_high_limit: expected at least hardware_low_limit, 2, not 1",
    ],
    ["address: b", '[1].name: expected another address than that of a, not "b"'],
  ])("refuse an axis that makes no sense, and tell where: %s", async (values, message) => {
    const axis = { steps_per_unit: 10, velocity: 3, acceleration: 1, high_limit: 20 };
    const keys = Object.entries(axis).filter(([key]) => !values.startsWith(`${key}:`));
    const texts = [...keys.map(([key, value]) => `${key}: ${value}`), values];
    await expectRefused(
      `class: mockup\nname: m\naxes:\n- {name: a, ${texts.join(", ")}}\n- {name: b, steps_per_unit: 1, velocity: 1, acceleration: 1}`,
      `axes${message}`,
    );
  });

  it.each([
    ["latency: -1", "latency: expected a finite number of at least 0, not -1"],
    ["encoders: [{name: e, tolerance: -1}]", "encoders[0].tolerance: expected a finite number of at least 0, not -1"],
    ["encoders: [{name: e, steps_per_unit: 0}]", "encoders[0].steps_per_unit: expected a finite number other than 0"],
    ["encoders: [{name: e, noise: -1}]", "encoders[0].noise: expected a finite number of at least 0, not -1"],
    ["encoders: [{name: e, seed: .inf}]", "encoders[0].seed: expected a finite number, not Infinity"],
    ["encoders: [{name: e, zero: .inf}]", "encoders[0].zero: expected a finite number, not Infinity"],
    [
      "encoders: [{name: e}, {name: f, address: e}]",
      'encoders[1].address: expected another address than that of e, not "e"',
    ],
  ])("refuse hardware that makes no sense, and tell where: %s", async (values, message) => {
    await expectRefused(
      `class: mockup\nname: m\n${values}\naxes: [{name: a, steps_per_unit: 1, velocity: 1, acceleration: 1}]`,
      message,
    );
  });

  it("make axes that turn round and round: class ModuloAxis with its modulo, and not one of the two alone", async () => {
    const axis = "name: phi, steps_per_unit: 100, velocity: 90, acceleration: 900";
    const made = async (keys: string) => {
      const warnings: string[] = [];
      const content = `plugin: emotion\nclass: mockup\naxes: [{${axis}, ${keys}}]`;
      const config = await loadConfig([{ path: "motors.yml", content }]);
      const onWarning = (_: string, message: string): void => void warnings.push(message);
      const objects = config.objects({ plugins: simulationPlugins, clock: new VirtualClock(), onWarning });
      return { phi: await objects.get("phi", Axis), warnings };
    };
    expect((await made("class: ModuloAxis, modulo: 360")).phi.modulo).toBe(360);
    const { phi, warnings } = await made("modulo: 360");
    expect([phi.modulo, warnings]).toEqual([
      undefined,
      ["the key modulo of phi has no effect: expected class: ModuloAxis beside it"],
    ]);
    await expect(made("class: ModuloAxis")).rejects.toThrow(
      "motors.yml:3 (axes[0]): phi is a ModuloAxis: expected the key modulo, as 360",
    );
  });

  it("make axes and encoders whose tolerance is 0: they arrive as exactly as numbers allow", async () => {
    const { clock, objects } = await objectsOf(
      `
class: mockup
axes:
- {name: fine, steps_per_unit: 1, velocity: 10, acceleration: 100, offset: 0.1, tolerance: 0, encoder: $e, check_encoder: true, unit: mm}
- {name: coarse, steps_per_unit: 3, velocity: 10, acceleration: 100, tolerance: 0}
encoders:
- {name: e, tolerance: 0}
`,
      "[]",
    );
    const fine = await objects.get("fine", Axis);
    const coarse = await objects.get("coarse", Axis);
    for (const position of [0.3, 0.7, -1.1, 1 / 3]) {
      await clock.run(fine.move(position));
      await clock.run(coarse.move(position));
      expect([fine.position, coarse.position]).toEqual([expect.closeTo(position, 9), expect.closeTo(position, 0)]);
    }
    expect(positionText(fine, fine.position)).toBe("0.3333");
  });

  it("make diodes, sampled or integrating", async () => {
    const { clock, objects } = await objectsOf(
      motors,
      `
- name: diode
  class: simulation_diode
  independent: true
  constant: 42
  mode: STATS
- name: idiode
  class: simulation_diode
  integration: true
`,
    );
    const diode = await objects.get("diode", SamplingCounter);
    expect([diode.fullname, diode.mode]).toEqual(["simulation_diode_sampling_controller:diode", "STATS"]);
    expect(await clock.run(diode.controller.readAll([diode], {}))).toEqual([42]);
    expect(await objects.get("idiode")).toBeInstanceOf(IntegratingCounter);
    expect(await objects.get("idiode")).toMatchObject({ fullname: "simulation_diode_integration_controller:idiode" });
  });

  it("make a peak at a position of an axis", async () => {
    const { clock, objects } = await objectsOf(
      motors,
      `
- name: peak
  class: SimulationCounter
  distribution: GAUSSIAN
  axis: $robz
  mu_offset: 2.0
  sigma_factor: 0.5
  height_factor: 100.0
  max_sampling_frequency: null
`,
    );
    const peak = await objects.get("peak", SamplingCounter);
    const robz = await objects.get("robz", Axis);
    expect(peak.controller.maxSamplingFrequency).toBeNull();
    await clock.run(robz.move(2.5));
    const [value] = await clock.run(peak.controller.readAll([peak], {}));
    expect(value).toBeCloseTo(100 * Math.exp(-0.5), 9);
  });

  it("make a peak that covers each scan where no axis is named", async () => {
    const { clock, objects } = await objectsOf(
      motors,
      `
- {name: peak, class: SimulationCounter, height_factor: 10}
- {name: ramp, class: SimulationCounter, distribution: LINEAR}
- {name: flat, class: SimulationCounter, distribution: FLAT, height_factor: 3}
`,
    );
    const seen: Record<string, number[]> = {};
    for (const name of ["peak", "ramp", "flat"]) {
      const counter = await objects.get(name, SamplingCounter);
      const chain = new AcquisitionChain();
      const parameters = { countTime: 0.1, npoints: 5 };
      chain.add(
        new SoftwareTimerMaster(0.1, { npoints: 5 }),
        counter.controller.createAcquisitionObject([counter], parameters),
      );
      const scan = new Scan(chain, { clock });
      await clock.run(scan.run());
      seen[name] = Array.from(scan.getData(counter) as Float64Array); // scalars
    }
    expect(seen["flat"]).toEqual([3, 3, 3, 3, 3]);
    expect(seen["ramp"]).toEqual([0, 1, 2, 3, 4]);
    const [a = 0, b = 0, middle, d, e] = seen["peak"] ?? [];
    expect(middle).toBe(10);
    expect([d, e]).toEqual([b, a]);
    expect(a).toBeLessThan(b);
  });

  it("make a multi-channel analyser, and its counters can be referred to", async () => {
    const { objects } = await objectsOf(motors, "[{name: simu1, class: SimulatedMCA, module: mca, dead_time: 0.02}]");
    const mca = await objects.get("simu1", SimulatedMca);
    expect(mca.deadTime).toBe(0.02);
    expect(await objects.get("$simu1.counters")).toBe(mca.counters);
    expect(mca.counters[0]).toMatchObject({ fullname: "simu1:spectrum_det0", dtype: "uint32", shape: [1024] });
  });

  it("take every key of the configuration that real BLISS runs", async () => {
    const config = await loadConfig(fileURLToPath(new URL("../../../tooling/peers/beacon_config", import.meta.url)));
    expect(checkConfig(config, simulationPlugins)).toEqual([]);
  });

  it("make their classes of the standard items, and know all of their keys", async () => {
    const items = fileURLToPath(new URL("../../config/test/fixtures/standard_items", import.meta.url));
    const config = await loadConfig(items);
    const problems = checkConfig(config, simulationPlugins);
    const others = problems.filter(({ message }) => /class (Lima|icepap|slits) /.test(message));
    expect(others).toHaveLength(3);
    expect(problems).toEqual(others);
  });
});
