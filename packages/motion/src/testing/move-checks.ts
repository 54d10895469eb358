import type { Look } from "./checked-motor.js";
import type { ControllerCheck } from "./controller-check.js";
import { expectBraking, expectDuration, expectVelocity, untilSeen } from "./timing.js";

/** Position, state, moves and stops of one axis. */
export const moveChecks: readonly ControllerCheck[] = [
  {
    name: "initialises, also again",
    expects: "initializeAxis may be called again; position and state are then told, and nothing moves",
    async run({ motor, controller }) {
      const before = await motor.position();
      if (controller.initializeAxis)
        await motor.ask("initializeAxis", controller.initializeAxis(motor.address, motor.call));
      const { state, position } = await motor.look();
      if (state.has("MOVING")) throw motor.wrong(`it moves after initializeAxis: ${state.toString()}`, "it to stand");
      motor.expectAt(before, position, "is after initializeAxis");
    },
  },
  {
    name: "stands still at rest",
    expects: "an axis at rest is READY, and stays where it is",
    async run({ motor }) {
      const { state, position } = await motor.look();
      if (!state.has("READY") || state.has("MOVING")) {
        throw motor.wrong(`readState tells ${state.toString()} at rest`, "READY, and not MOVING");
      }
      await motor.expectStanding(position, "without being asked to move");
    },
  },
  {
    name: "moves there and back",
    expects: "startMove takes the axis where it is sent, within the tolerance",
    async run({ motor, setup: { range } }) {
      const [low, high] = range;
      for (const target of [high, (low + high) / 2, low]) await motor.reach(Math.round(target));
    },
  },
  {
    name: "is MOVING on its way, and READY after",
    expects:
      "readState tells MOVING from the return of startMove until the end, readPosition the positions on the way, and READY comes with the final position",
    async run({ motor, setup: { range, tolerance, pollingTime } }) {
      await untilSeen(motor, async () => {
        const [low, high] = range;
        await motor.reach(low);
        const seconds = motor.duration(high - low);
        const departure = await motor.start(high);
        let last = low;
        let isSeen = false;
        for (;;) {
          const look = await motor.look();
          const isLate = look.stateAt.after > departure.before + seconds / 2;
          if (!look.state.has("MOVING")) {
            if (!isSeen && isLate) {
              const took = departure.after - departure.before;
              return took > seconds / 2 && `startMove took ${took.toFixed(2)} s: it has waited for the end of the move`;
            }
            if (!isSeen) throw motor.wrong(tooEarly(look, high, tolerance), "MOVING until it arrives");
            if (!look.state.has("READY")) throw motor.wrong(`it is ${look.state.toString()} after the move`, "READY");
            motor.expectAt(high, look.position, "was no longer MOVING");
            return true;
          }
          if (look.state.has("READY")) throw motor.wrong(`it is ${look.state.toString()} on its way`, "MOVING alone");
          if (look.position < last - tolerance || look.position > high + tolerance) {
            throw motor.wrong(`it is at ${look.position} after ${last}, on its way to ${high}`, "positions on the way");
          }
          const isBetween = look.position > low + tolerance && look.position < high - tolerance;
          const { before, after } = look.positionAt;
          if (!isBetween && before > departure.after + 0.3 * seconds && after < departure.before + 0.6 * seconds) {
            throw motor.wrong(`readPosition answers ${look.position} in the middle of the way`, "where it is then");
          }
          isSeen ||= isBetween;
          last = look.position;
          await motor.wait(pollingTime);
        }
      });
    },
  },
  {
    name: "keeps its velocity",
    expects: "setVelocity gives the speed of the next moves, in steps/s",
    needs: ["velocity"],
    async run({ motor, controller, setup: { range, velocity, acceleration } }) {
      const [low, high] = range;
      for (const speed of [velocity, velocity / 2]) {
        await motor.ask("setVelocity", controller.setVelocity?.(motor.address, speed, motor.call));
        await untilSeen(motor, async () => {
          const from = (await motor.position()) < (low + high) / 2 ? low : high;
          const to = from === low ? high : low;
          const ramp = speed / acceleration;
          const seconds = motor.duration(high - low, { velocity: speed, acceleration });
          const departure = await motor.start(to);
          const until = departure.before + seconds - ramp;
          const isSeen = await expectVelocity(motor, to > from ? speed : -speed, departure.after + ramp, until);
          await motor.rest(seconds, `startMove with ${speed} steps/s`);
          return isSeen;
        });
      }
    },
  },
  {
    name: "takes the time that its dynamics give",
    expects: "a move takes distance / velocity + velocity / acceleration; a short one 2 √(distance / acceleration)",
    needs: ["velocity", "acceleration"],
    async run({ motor, controller, setup: { range, velocity, acceleration } }) {
      const [low, high] = range;
      const short = (velocity * velocity) / acceleration / 2;
      for (const [target, speed, ramp] of [
        [high, velocity, acceleration],
        [high - short, velocity, acceleration],
        [low, velocity / 2, acceleration / 4],
      ] as const) {
        await motor.ask("setVelocity", controller.setVelocity?.(motor.address, speed, motor.call));
        await motor.ask("setAcceleration", controller.setAcceleration?.(motor.address, ramp, motor.call));
        const distance = Math.abs(Math.round(target) - (await motor.position()));
        const seconds = motor.duration(distance, { velocity: speed, acceleration: ramp });
        const how = `for ${distance} steps at ${speed} steps/s and ${ramp} steps/s²`;
        await expectDuration(motor, await motor.start(Math.round(target)), seconds, how);
      }
    },
  },
  {
    name: "tells its dynamics",
    expects: "readVelocity and readAcceleration answer what was set",
    needs: ["velocity", "acceleration"],
    skip: ({ controller }) =>
      controller.readVelocity && controller.readAcceleration
        ? undefined
        : "the controller has no readVelocity, or no readAcceleration",
    async run({ motor, controller, setup: { velocity, acceleration } }) {
      const { address, call } = motor;
      await motor.ask("setVelocity", controller.setVelocity?.(address, velocity / 2, call));
      await motor.ask("setAcceleration", controller.setAcceleration?.(address, acceleration / 2, call));
      const told = [
        ["readVelocity", velocity / 2, await motor.ask("readVelocity", controller.readVelocity?.(address, call))],
        [
          "readAcceleration",
          acceleration / 2,
          await motor.ask("readAcceleration", controller.readAcceleration?.(address, call)),
        ],
      ] as const;
      for (const [name, expected, found] of told) {
        if (!(Math.abs(found - expected) <= 0.01 * expected)) {
          throw motor.wrong(`${name} answers ${found}`, `${expected}, which was set`);
        }
      }
    },
  },
  {
    name: "stops in flight",
    expects: "stop makes a moving axis decelerate, stand, and tell where it stands",
    async run({ motor, controller, setup: { range, velocity } }) {
      const [low, high] = range;
      await untilSeen(motor, async () => {
        await motor.reach(low);
        const seconds = motor.duration(high - low);
        const departure = await motor.start(high);
        await motor.waitUntil(departure.after + 0.4 * seconds);
        const rest = await expectBraking(motor, velocity, departure.before + 0.7 * seconds, () =>
          motor.ask("stop", controller.stop([motor.address], motor.call)),
        );
        if (rest && !rest.state.has("READY")) throw motor.wrong(`it is ${rest.state.toString()} after a stop`, "READY");
        if (rest) await motor.reach(low);
        return rest !== undefined;
      });
    },
  },
  {
    name: "takes a stop at rest",
    expects: "stop does no harm to an axis at rest",
    async run({ motor, controller, setup: { range } }) {
      const before = await motor.position();
      await motor.ask("stop", controller.stop([motor.address], motor.call));
      await motor.expectStanding(before, "after a stop at rest");
      await motor.reach(range[1]);
    },
  },
  {
    name: "mixes no moves",
    expects: "a second startMove in flight is refused and changes nothing, or takes the axis to the second target",
    async run({ motor, controller, setup: { range } }) {
      const [low, high] = range;
      const middle = Math.round((low + high) / 2);
      await motor.start(high);
      const second = controller.startMove([{ address: motor.address, target: middle }], motor.call);
      const isTaken = await second.then(
        () => true,
        () => false,
      );
      await motor.rest(3 * motor.duration(high - low), "two startMove");
      const { position } = await motor.look();
      motor.expectAt(isTaken ? middle : high, position, `${isTaken ? "took" : "refused"} a second move and stands`);
    },
  },
  {
    name: "counts from elsewhere without moving",
    expects: "setPosition moves nothing; position, encoder and the next moves count from there",
    needs: ["setPosition"],
    async run({ motor, controller, setup: { range } }) {
      const { address, call } = motor;
      const [low, high] = range;
      const before = await motor.position();
      const shift = 2 * (high - low);
      const told = await motor.ask("setPosition", controller.setPosition?.(address, before + shift, call));
      try {
        motor.expectAt(before + shift, told, "is, as setPosition answers,");
        motor.expectAt(before + shift, await motor.position(), "says to be, after setPosition,");
        await motor.expectStanding(before + shift, "after setPosition");
        await motor.reach(high + shift);
      } finally {
        const here = await motor.position();
        await motor.ask("setPosition", controller.setPosition?.(address, here - shift, call));
      }
    },
  },
];

function tooEarly({ state, position }: Look, target: number, tolerance: number): string {
  const found = `readState tells ${state.toString()} after startMove, at ${position}`;
  return Math.abs(position - target) <= tolerance
    ? `${found}, where it was sent: startMove has waited for the end`
    : found;
}
