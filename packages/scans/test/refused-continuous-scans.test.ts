import { ArgumentError } from "@beamtime/errors";
import { describe, expect, it } from "vitest";
import { type ContinuousBeamline, continuousBeamline, jumpingAxis } from "./continuous-beamline.js";

describe("continuous scans are refused with a sentence, before anything moves", () => {
  type Call = (on: ContinuousBeamline) => Promise<unknown>;
  const never = (value: unknown): never => value as never; // what the compiler would refuse, users of the prompt type
  const cases: readonly [string, Call, string][] = [
    [
      "counters that count longer than the points are apart",
      ({ contScan, fast }) => contScan(fast, 0, 10, 11, 5, { countTime: 0.5 }),
      "contScan: countTime is 0.5 s, but 11 points in 5 s are 0.5 s apart; expected a shorter countTime, more time, or fewer points",
    ],
    [
      "points that are nearer than a counter can take them",
      ({ contScan, fast, diode, mca }) => {
        mca.deadTime = 0.6;
        return contScan(fast, 0, 10, 11, 5, diode, mca);
      },
      "contScan: 11 points in 5 s are 0.5 s apart, and mca is busy for 0.6 s after each; expected more than 6 s, or fewer points",
    ],
    [
      "counters that count longer than they can between two points",
      ({ contMesh, fast, slow, mca }) => {
        mca.deadTime = 0.2;
        return contMesh(fast, 0, 10, 11, slow, 0, 1, 2, 5, mca, { countTime: 0.4 });
      },
      "contMesh: countTime is 0.4 s, but 11 points in 5 s are 0.5 s apart, and mca is busy for 0.2 s after each; expected a shorter",
    ],
    [
      "a way beyond the limits",
      ({ contScan, fast }) => contScan(fast, 0, 19.9, 11, 5),
      "contScan: fast must go as far as 21.969",
    ],
    [
      "a way to gain speed beyond the limits",
      ({ contScan, quick }) => contScan(quick, 0, 10, 3, 0.01),
      "contScan: quick must go as far as -500 to run from 0 to 10 in 0.01 s (at 1000/s); expected a way within -100 to 100, its limits",
    ],
    [
      "no exposure",
      ({ contScan, fast, camera }) => contScan(fast, 0, 10, 11, 5, camera, { countTime: 0 }),
      "countTime of camera is 0; expected seconds, more than 0",
    ],
    [
      "a stop beyond the limits",
      ({ contScan, fast }) => contScan(fast, 0, 25, 11, 5),
      "contScan: stop is 25 mm; expected a position from -20 to 20 mm, the limits of fast",
    ],
    [
      "no time",
      ({ contScan, fast }) => contScan(fast, 0, 10, 11, 0),
      "contScan: time is 0; expected the seconds from start to stop, more than 0 (of all 11 points together)",
    ],
    ["no way", ({ contScan, fast }) => contScan(fast, 3, 3, 11, 5), "contScan: start and stop are both 3"],
    ["no points", ({ contScan, fast }) => contScan(fast, 0, 1, 0, 5), "contScan: npoints is 0; expected an integer"],
    [
      "too high a velocity",
      ({ contScan, fast }) => contScan(fast, 0, 10, 11, 0.5),
      "fast would go from 0 to 10 mm in 0.5 s, at 20 mm/s; expected 0 to 15 mm/s, its velocityLimits: 0.666",
    ],
    [
      "a wrong choice",
      ({ contScan, fast }) => contScan(fast, 0, 10, 11, 5, { triggers: never("magic") }),
      "contScan: triggers is 'magic'; expected hardware or software or steps",
    ],
    [
      "pulses that do not reach a counter",
      ({ contScan, fast, diode, monitor }) => contScan(fast, 0, 10, 11, 5, monitor, diode, { triggers: "hardware" }),
      "contScan: triggers is 'hardware', but fast cannot: its pulses do not reach simulation_diode_sampling_controller:diode",
    ],
    [
      "software triggers without a velocity",
      ({ contScan, clock }) => contScan(jumpingAxis(clock), 0, 10, 11, 5, { triggers: "software" }),
      "contScan: triggers is 'software', but the controller piezo of piezo has no velocity to set; expected 'steps'",
    ],
    [
      "a sleep time",
      ({ contScan, fast }) => contScan(fast, 0, 1, 2, 5, { sleepTime: 1 }),
      "contScan: sleepTime is for",
    ],
    [
      "one axis twice",
      ({ contMesh, fast }) => contMesh(fast, 0, 1, 2, fast, 0, 1, 2, 5),
      "contMesh: fast is given twice: expected two axes",
    ],
    [
      "a wrong backnforth",
      ({ contMesh, fast, slow }) => contMesh(fast, 0, 1, 2, slow, 0, 1, 2, 5, { backnforth: never("yes") }),
      "contMesh: backnforth is 'yes'; expected true or false",
    ],
  ];
  it.each(cases)("%s", async (_what, call, sentence) => {
    const beamline = continuousBeamline({ velocityHighLimit: 15 });
    await beamline.clock.run(beamline.fast.initialize());
    const refused = beamline.clock.run(call(beamline));
    await expect(refused).rejects.toThrow(sentence);
    await expect(refused).rejects.toBeInstanceOf(ArgumentError);
    expect([beamline.fast.position, beamline.recorder.events.length]).toEqual([0, 0]);
  });
});
