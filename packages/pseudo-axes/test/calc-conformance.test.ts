import { type Clock, VirtualClock } from "@beamtime/concurrency";
import { SimulatedMotorController, simulatedAxis } from "@beamtime/controller-simulation";
import { CalcController, type CalcPositions, eachPoint, type MotorController, softAxis } from "@beamtime/motion";
import { motorControllerChecks } from "@beamtime/motion/testing";
import { describe, expect, it } from "vitest";

/** Two axes beside each other, counted the other way round. */
class Mirrored extends CalcController<"a" | "b"> {
  calcFromReal(reals: CalcPositions<"a" | "b">): CalcPositions {
    return eachPoint(reals, ({ a, b }) => ({ x: -a, y: -b }));
  }

  calcToReal(pseudos: CalcPositions): CalcPositions<"a" | "b"> {
    return eachPoint(pseudos, ({ x = Number.NaN, y = Number.NaN }) => ({ a: -x, b: -y }));
  }
}

const clock: Clock = new VirtualClock();
const hardware = new WeakMap<MotorController, SimulatedMotorController>();

function mirrored(): Mirrored {
  const motors = new SimulatedMotorController({ clock });
  const real = { controller: motors, clock, velocity: 1000, acceleration: 20_000, pollingTime: 0.001 };
  const reals = { a: simulatedAxis({ ...real, name: "a" }), b: simulatedAxis({ ...real, name: "b" }) };
  const controller = new Mirrored({ name: "mirror", reals });
  hardware.set(controller, motors);
  return controller;
}

/** Something that moves as an object does that knows no axes. */
function soft(): MotorController {
  const axis = simulatedAxis({ name: "a", clock, velocity: 1000, acceleration: 20_000, pollingTime: 0.001 });
  return softAxis("soft", axis, {
    position: () => axis.readPosition(),
    move: (to, options) => axis.move(to, options),
    clock,
  }).controller;
}

const dynamics = { range: [-400, 400], velocity: 1000, acceleration: 20_000, clock } as const;

/** What only hardware of their own could do. */
const noHardware: readonly string[] = [
  "keeps its velocity",
  "takes the time that its dynamics give",
  "tells its dynamics",
  "jogs both ways until it is stopped",
  "finds its home switch",
  "finds its end switches",
  "stops in a search",
  "refuses to move without power",
  "measures with its encoder",
  "sets its encoder",
  "sends its triggers",
  "ends a call with its signal",
  "answers a command",
  "describes an axis",
  "forgets, and knows again",
  "as an axis: jogs until it is stopped",
  "as an axis: finds its switches",
  "as an axis: does not move without power",
  "as an axis: is confirmed by its encoder",
];
/** What takes a second axis, or a controller to ask. */
const noController: readonly string[] = [
  "counts from elsewhere without moving",
  "keeps its axes apart",
  "moves two axes together",
  "stops two axes at once",
  "starts all of a group, or none",
  "refuses an axis that there is not",
  "as axes: move together, and stop together",
  "as an axis: says when the hardware is silent",
];

describe.each([
  [
    "a controller of calculated axes",
    {
      ...dynamics,
      create: mirrored,
      addresses: ["x", "y"] as const,
      unknownAddress: "z",
      leaveOut: { "ends a call with its signal": "a stop asks nothing of axes that are at rest" },
      silence(controller: MotorController) {
        const motors = hardware.get(controller);
        const ways = (["readPosition", "readState", "startMove", "stop"] as const).map((call) => motors?.hang(call));
        return () => {
          for (const way of ways) way?.();
        };
      },
    },
    noHardware,
  ],
  [
    "the controller of a soft axis",
    { ...dynamics, create: soft, addresses: ["soft"] as const },
    [...noHardware, ...noController],
  ],
] as const)("%s", (_name, options, lacks) => {
  for (const check of motorControllerChecks(options)) {
    it(check.name, async (test) => {
      const outcome = await check.run({ signal: test.signal });
      if (outcome.status === "passed") return;
      expect(lacks).toContain(check.name);
      test.skip(outcome.reason);
    });
  }
});
