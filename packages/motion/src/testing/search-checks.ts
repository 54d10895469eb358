import type { SearchDirection } from "../motor-controller.js";
import type { CheckedMotor, Look } from "./checked-motor.js";
import type { ControllerCheck } from "./controller-check.js";
import { expectBraking, expectVelocity, untilSeen } from "./timing.js";

const both: readonly SearchDirection[] = [1, -1];

/** Motions without a target: jogs and searches. */
export const searchChecks: readonly ControllerCheck[] = [
  {
    name: "jogs both ways until it is stopped",
    expects: "startJog goes on with the velocity in the direction of its sign, and stop ends it",
    needs: ["jog"],
    async run({ motor, controller, setup: { range, velocity, acceleration } }) {
      const [low, high] = range;
      const seconds = motor.duration(high - low);
      const ramp = velocity / acceleration;
      for (const direction of both) {
        const jog = direction * velocity;
        await untilSeen(motor, async () => {
          await motor.reach(direction === 1 ? low : high);
          const before = motor.now;
          await motor.ask("startJog", controller.startJog?.(motor.address, jog, motor.call));
          const started = motor.now;
          const { state, stateAt } = await motor.look();
          if (!state.has("MOVING")) {
            if (stateAt.after > before + seconds) return false; // it may have met a switch
            throw motor.wrong(`readState tells ${state.toString()} after startJog`, "MOVING");
          }
          const isSeen = await expectVelocity(motor, jog, started + ramp, before + 0.6 * seconds);
          const rest = await expectBraking(motor, jog, before + seconds, () =>
            motor.ask("stop", controller.stop([motor.address], motor.call)),
          );
          return isSeen && rest !== undefined;
        });
      }
    },
  },
  {
    name: "finds its home switch",
    expects: "startHomeSearch ends at rest on the switch, with HOME as long as it is there",
    needs: ["homeSearch"],
    async run({ motor, controller, setup: { range, searchTime, options } }) {
      for (const direction of options.homeDirections ?? both) {
        await motor.reach(range[direction === 1 ? 0 : 1]);
        await motor.ask("startHomeSearch", controller.startHomeSearch?.(motor.address, direction, motor.call));
        const look = await motor.rest(searchTime, "startHomeSearch");
        if (!look.state.has("HOME")) {
          throw motor.wrong(`it is ${look.state.toString()} at ${look.position} after a home search`, "HOME");
        }
        await motor.expectStanding(look.position, "after a home search");
        const away = Math.abs(look.position - range[0]) > Math.abs(look.position - range[1]) ? range[0] : range[1];
        const left = await motor.reach(away);
        if (left.state.has("HOME")) {
          throw motor.wrong(
            `it is ${left.state.toString()} at ${away} after it has left ${look.position}`,
            "no more HOME",
          );
        }
      }
    },
  },
  {
    name: "finds its end switches",
    expects: "startLimitSearch ends at rest on the switch, with LIMPOS or LIMNEG as long as it is there",
    needs: ["limitSearch"],
    async run({ motor, controller, setup: { range, searchTime } }) {
      for (const direction of both) {
        await motor.ask("startLimitSearch", controller.startLimitSearch?.(motor.address, direction, motor.call));
        const look = await motor.rest(searchTime, "startLimitSearch");
        const [flag, other] = direction === 1 ? ["LIMPOS", "LIMNEG"] : ["LIMNEG", "LIMPOS"];
        expectLimit(motor, look, flag, other, direction);
        await motor.expectStanding(look.position, "after a limit search");
        const back = await motor.go(range[direction === 1 ? 1 : 0]);
        motor.expectAt(range[direction === 1 ? 1 : 0], back.position, "left the switch, and came to rest");
        if (back.state.has(flag)) throw motor.wrong(`it is ${back.state.toString()} off the switch`, `no more ${flag}`);
      }
    },
  },
  {
    name: "stops in a search",
    expects: "stop ends a limit search before the switch is found",
    needs: ["limitSearch"],
    async run({ motor, controller, setup: { range, velocity } }) {
      const [low, high] = range;
      await untilSeen(motor, async () => {
        await motor.reach(low);
        const before = motor.now;
        await motor.ask("startLimitSearch", controller.startLimitSearch?.(motor.address, 1, motor.call));
        const { state, stateAt } = await motor.look();
        if (!state.has("MOVING")) {
          if (stateAt.after > before + motor.duration(high - low)) return false;
          throw motor.wrong(`readState tells ${state.toString()} after startLimitSearch`, "MOVING");
        }
        const deadline = before + motor.duration(high - low);
        const rest = await expectBraking(motor, velocity, deadline, () =>
          motor.ask("stop", controller.stop([motor.address], motor.call)),
        );
        if (!rest) await motor.rest(motor.setup.searchTime, "startLimitSearch");
        return rest !== undefined;
      });
    },
  },
];

function expectLimit(
  motor: CheckedMotor,
  { state, position }: Look,
  flag: string,
  other: string,
  direction: number,
): void {
  if (state.has(flag) && !state.has(other)) return;
  throw motor.wrong(`it is ${state.toString()} at ${position} after a limit search in direction ${direction}`, flag);
}
