import { motorControllerChecks } from "@beamtime/motion/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CaClient, EpicsMotorController } from "../src/index.js";
import { Ioc, python } from "./ioc.js";

/** What motor records lack: the outcome of each says why. */
const lacks: readonly string[] = [
  "sets its encoder",
  "sends its triggers",
  "forgets, and knows again",
  "as an axis: is confirmed by its encoder",
];

// the set-up of the tests makes the interpreter; without one they are counted as skipped
describe.skipIf(!python)("EPICS motor records", () => {
  let ioc: Ioc;
  let epics: CaClient;

  beforeAll(async () => {
    ioc = await Ioc.start("motor");
    epics = new CaClient({ addresses: [ioc.address] });
    for (const record of ["sim:m1", "sim:m2"]) {
      // both 0: none; the checks move the zero of the dial beyond them
      for (const limit of ["DLLM", "DHLM"]) await epics.putAndWait(`${record}.${limit}`, 0);
    }
  });

  afterAll(async () => {
    await epics[Symbol.asyncDispose]();
    await ioc[Symbol.asyncDispose]();
  });

  const checks = motorControllerChecks({
    create: () => new EpicsMotorController({ access: epics }),
    addresses: ["sim:m1", "sim:m2"],
    range: [-400, 400],
    velocity: 1600,
    acceleration: 16_000,
    tolerance: 0.1,
    unknownAddress: "sim:m9",
    encoder: { tolerance: 1 },
    homeDirections: [1],
    command: "sim:m1.VELO",
    silence: () => {
      ioc.freeze();
      return () => ioc.thaw();
    },
  });

  for (const check of checks) {
    it(check.name, { timeout: 90_000 }, async (test) => {
      const outcome = await check.run({ signal: test.signal });
      if (outcome.status === "passed") return;
      expect(lacks).toContain(check.name);
      test.skip(outcome.reason);
    });
  }
});
