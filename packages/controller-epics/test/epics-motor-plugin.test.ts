import { systemClock } from "@beamtime/concurrency";
import { loadConfig } from "@beamtime/config";
import { Axis, Encoder } from "@beamtime/motion";
import { afterEach, describe, expect, it, vi } from "vitest";
import { EpicsMotorController, epicsMotorPlugin } from "../src/index.js";
import { failureOf, Ioc, python } from "./ioc.js";

async function objectsOf(content: string) {
  const config = await loadConfig([{ path: "motors.yml", content: `plugin: emotion\n${content}` }]);
  return config.objects({ plugins: [epicsMotorPlugin], clock: systemClock });
}

afterEach(() => vi.unstubAllEnvs());

it("axes and encoders come from a configuration, and nothing is connected", async () => {
  await using objects = await objectsOf(`
class: epics_motor
name: ioc
addresses: ["127.0.0.1:9"]
coordinates: user
axes:
- {name: mx, record: "sim:m1", unit: um, velocity: 5, low_limit: -1, encoder: $mx_enc}
- {name: my, record: "sim:m2", steps_per_unit: 1000}
encoders:
- {name: mx_enc, record: "sim:m1", tolerance: 0.5}
`);
  const encoder = await objects.get("mx_enc", Encoder);
  expect(await objects.get("mx", Axis)).toMatchObject({ address: "sim:m1", unit: "um", velocity: 5, encoder });
  expect(await objects.get("my", Axis)).toMatchObject({ address: "sim:m2", stepsPerUnit: 1000, velocity: Number.NaN });
  expect(await objects.get("ioc")).toBeInstanceOf(EpicsMotorController);
  expect(objects.problems).toEqual([]);
});

it.each([
  ['addresses: ["127.0.0.1:9"]\naxes: [{name: mx, record: sim:m1.VAL}]', "a motor record without a field"],
  ['addresses: ["127.0.0.1:99999"]\naxes: [{name: mx, record: sim:m1}]', "127.0.0.1:99999"],
  ["axes: [{name: mx}]", "missing"],
  [
    "axes: [{name: mx, record: a:1}, {name: my, record: a:1}]",
    "(axes[1].record): expected another address than that of mx",
  ],
  ["axes: [{name: mx, record: a:1, velocity: 0}]", "(axes[0].velocity): expected a positive number, not 0"],
  [
    "axes: [{name: mx, record: a:1, low_limit: 2, high_limit: 1}]",
    "(axes[0].high_limit): expected at least low_limit, 2",
  ],
])("a configuration that does not fit is refused: %s", async (content, expected) => {
  await using objects = await objectsOf(`class: epics_motor\n${content}\n`);
  const failure = await failureOf(objects.get("mx"));
  expect(failure).toMatchObject({ name: "ConfigError" });
  expect(failure.message).toContain(expected);
});

describe.skipIf(!python)("axes of a configuration", () => {
  it("find their records where the environment says, and let go of them", async () => {
    await using ioc = await Ioc.start("motor");
    const [host = "", port = ""] = ioc.address.split(":");
    vi.stubEnv("EPICS_CA_ADDR_LIST", host);
    vi.stubEnv("EPICS_CA_SERVER_PORT", port);
    vi.stubEnv("EPICS_CA_AUTO_ADDR_LIST", "NO");
    const objects = await objectsOf(`
class: epics_motor
axes: [{name: mx, record: "sim:m1"}, {name: my, record: "sim:m2", unit: mm}]
`);
    const axis = await objects.get("mx", Axis);
    await axis.move(20);
    expect(axis).toMatchObject({ position: 20, velocity: 500, acceleration: 2000, unit: "um" });
    const other = await objects.get("my", Axis);
    await other.initialize();
    expect(other.unit).toBe("mm");
    await objects[Symbol.asyncDispose]();
    expect((await failureOf(axis.readPosition())).message).toContain("after the client was closed");
  });
});
