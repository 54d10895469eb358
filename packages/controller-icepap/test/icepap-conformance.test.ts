import { motorControllerChecks } from "@beamtime/motion/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { IcepapController } from "../src/index.js";
import { type IcepapSimulator, startIcepapSimulator } from "./icepap-simulator.js";

const python = process.env["BEAMTIME_PYTHON"] ?? "";

/** What the simulator lacks; the driver is shown on transcripts there. */
const lacks = [
  [
    "the simulator knows no HOME and no SRCH",
    ["finds its home switch", "finds its end switches", "stops in a search", "as an axis: finds its switches"],
  ],
  [
    "the simulator knows no ENC",
    ["measures with its encoder", "sets its encoder", "as an axis: is confirmed by its encoder"],
  ],
  ["the simulator moves without power", ["refuses to move without power"]],
  ["the simulator turns round where it stops a jog downwards", ["jogs both ways until it is stopped"]],
] as const;

// the set-up of the tests makes the interpreter; without one they are counted as skipped
describe.skipIf(!python)("an IcePAP, as the simulator of PyPI plays it,", () => {
  let simulator: IcepapSimulator;

  beforeAll(async () => {
    simulator = await startIcepapSimulator(python, [1, 11]);
  });

  afterAll(() => simulator[Symbol.asyncDispose]());

  const checks = motorControllerChecks({
    create: () => new IcepapController({ host: simulator.host }),
    addresses: ["1", "11"],
    range: [0, 1000],
    velocity: 2000,
    acceleration: 20_000,
    unknownAddress: "12",
    command: "?VER INFO",
    silence: () => simulator.silence(),
    leaveOut: Object.fromEntries(lacks.flatMap(([reason, names]) => names.map((name) => [name, reason]))),
  });

  for (const check of checks) {
    it(check.name, { timeout: 90_000 }, async (test) => {
      const outcome = await check.run({ signal: test.signal });
      if (outcome.status === "passed") return;
      expect(["sends its triggers", ...lacks.flatMap(([, names]): readonly string[] => names)]).toContain(check.name);
      test.skip(outcome.reason);
    });
  }
});
