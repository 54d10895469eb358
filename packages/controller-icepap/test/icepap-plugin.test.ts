import { systemClock } from "@beamtime/concurrency";
import { loadConfig } from "@beamtime/config";
import { Axis, Encoder } from "@beamtime/motion";
import { expect, it } from "vitest";
import { IcepapController, icepapPlugin } from "../src/index.js";
import { IcepapReplayer } from "./icepap-replayer.js";

async function objectsOf(content: string) {
  const config = await loadConfig([{ path: "motors.yml", content: `plugin: emotion\n${content}` }]);
  return config.objects({ plugins: [icepapPlugin], clock: systemClock });
}

it("axes and encoders come from a configuration of BLISS, and nothing is connected", async () => {
  const objects = await objectsOf(`
controller:
  class: icepap
  name: ice1
  host: icepap-host
  axes:
  - name: th
    address: 11
    steps_per_unit: 800
    velocity: 0.5
    acceleration: 2
    unit: deg
    encoder: $th_enc
  - name: gap
    address: linked_gap
    steps_per_unit: "-100"
    velocity: 1
    acceleration: 4
    autopower: false
  encoders:
  - name: th_enc
    address: 11
    type: absenc
    steps_per_unit: 5000
`);
  const th = await objects.get("th", Axis);
  const gap = await objects.get("gap", Axis);
  const encoder = await objects.get("th_enc", Encoder);
  expect(th).toMatchObject({ address: "11", stepsPerUnit: 800, velocity: 0.5, acceleration: 2, unit: "deg", encoder });
  expect(gap).toMatchObject({ address: "linked_gap", stepsPerUnit: -100, controller: th.controller });
  expect(encoder).toMatchObject({ address: "11:ABSENC", stepsPerUnit: 5000 });
  const controller = await objects.get("ice1", IcepapController);
  expect(controller.line).toMatchObject({ name: "tcp://icepap-host:5000", isOpen: false });
  expect(objects.problems).toEqual([]);
  await objects[Symbol.asyncDispose]();
});

it("axes without autopower keep the power they have; the connection ends with the objects", async () => {
  await using replayer = await IcepapReplayer.start(`
    → ?STATUS 1
    ← ?STATUS 0x00000073
    → ?STATUS 2
    ← ?STATUS 0x00000073
    → #POWER ON 2
    ← POWER OK`);
  const objects = await objectsOf(`
class: icepap
name: ice1
host: ${replayer.host}
axes:
- {name: m1, address: 1, steps_per_unit: 1, velocity: 1, acceleration: 1, autopower: false}
- {name: m2, address: 2, steps_per_unit: 1, velocity: 1, acceleration: 1}
`);
  const controller = await objects.get("ice1", IcepapController);
  await controller.initializeAxis("1");
  await controller.initializeAxis("2");
  expect(replayer.faults).toEqual([]);
  await objects[Symbol.asyncDispose]();
  await expect(controller.readPosition("1")).rejects.toThrow("was closed");
});

it.each([
  ["host: a b", "address: 1", "is no address of a device"],
  ["host: ice", "address: 9", "is no axis of an IcePAP; expected rack × 10 + slot"],
  ["host: ice", "unit: mm", "address"],
])("%s and %s are refused where they stand", async (host, address, message) => {
  const content = `
class: icepap
${host}
axes:
- {name: m1, ${address}, steps_per_unit: 1, velocity: 1, acceleration: 1}
`;
  const objects = await objectsOf(content);
  const failure = await objects.get("m1").catch((error: unknown) => error);
  expect(String(failure)).toContain(message);
  expect(String(failure)).toContain("motors.yml");
});

it("two axes of one board are refused", async () => {
  const axis = "address: 11, steps_per_unit: 1, velocity: 1, acceleration: 1";
  const objects = await objectsOf(`
class: icepap
host: icepap-host
axes: [{name: a, ${axis}}, {name: b, ${axis}}]
`);
  await expect(objects.get("a")).rejects.toThrow("(axes[1].address): expected another address than that of a, not 11");
});
