import type { ControllerCheck } from "./controller-check.js";
import { untilSeen } from "./timing.js";

/** Two axes of one controller. */
export const groupChecks: readonly ControllerCheck[] = [
  {
    name: "keeps its axes apart",
    expects: "questions about two axes at once are answered each for its axis",
    needsTwo: true,
    async run({ motors, second, setup: { range } }) {
      await second.reach(range[1]);
      const rounds = Array.from({ length: 10 }, () =>
        Promise.all(
          motors.map(async (motor, index) => {
            const [position, state] = await Promise.all([motor.position(), motor.state()]);
            motor.expectAt(range[index] ?? 0, position, "was asked together with another axis, and answered to be");
            if (state.has("MOVING")) throw motor.wrong(`it is ${state.toString()}`, "it to stand");
          }),
        ),
      );
      await Promise.all(rounds);
    },
  },
  {
    name: "moves two axes together",
    expects: "one startMove starts both, and both arrive",
    needsTwo: true,
    async run({ controller, motor, second, setup: { range } }) {
      const [low, high] = range;
      const middle = Math.round((low + high) / 2);
      await untilSeen(motor, async () => {
        for (const one of [motor, second]) await one.reach(low);
        const before = motor.now;
        const motions = [
          { address: motor.address, target: high },
          { address: second.address, target: middle },
        ];
        await motor.ask("startMove", controller.startMove(motions, motor.call));
        const looks = [await motor.look(), await second.look()] as const;
        const isLate = motor.now > before + motor.duration(middle - low) / 2;
        for (const [index, look] of looks.entries()) {
          if (look.state.has("MOVING") || isLate) continue;
          const one = index === 0 ? motor : second;
          throw one.wrong(`readState tells ${look.state.toString()} after startMove of two axes`, "both to be MOVING");
        }
        motor.expectAt(high, (await motor.rest(motor.duration(high - low), "startMove")).position, "came to rest");
        second.expectAt(middle, (await second.rest(0, "startMove")).position, "came to rest");
        return !isLate;
      });
    },
  },
  {
    name: "stops two axes at once",
    expects: "one stop ends the motions of both",
    needsTwo: true,
    async run({ controller, motor, second, motors, setup: { range, velocity, acceleration } }) {
      const [low, high] = range;
      await untilSeen(motor, async () => {
        for (const one of motors) await one.reach(low);
        const before = motor.now;
        const motions = motors.map(({ address }) => ({ address, target: high }));
        await motor.ask("startMove", controller.startMove(motions, motor.call));
        await motor.wait(0.3 * motor.duration(high - low));
        const addresses = motors.map(({ address }) => address);
        await motor.ask("stop", controller.stop(addresses, motor.call));
        if (motor.now > before + 0.6 * motor.duration(high - low)) {
          for (const one of [motor, second]) await one.rest(motor.duration(high - low), "startMove");
          return false;
        }
        for (const one of [motor, second]) {
          const { position } = await one.rest(velocity / acceleration, "stop of two axes");
          if (position > high - motor.setup.tolerance)
            throw one.wrong(`it went on to ${position} after stop`, "it to stop");
        }
        return true;
      });
    },
  },
  {
    name: "starts all of a group, or none",
    expects: "a startMove of which one axis cannot start throws and moves none, or all arrive where it has sent them",
    needsTwo: true,
    async run({ controller, motor, second, setup: { range } }) {
      const [low, high] = range;
      const middle = Math.round((low + high) / 2);
      await motor.start(high);
      const motions = [
        { address: second.address, target: high },
        { address: motor.address, target: middle },
      ];
      const isTaken = await controller.startMove(motions, motor.call).then(
        () => true,
        () => false,
      );
      const how = `in a group that was ${isTaken ? "started" : "refused"}, came to rest`;
      const seconds = 3 * motor.duration(high - low);
      motor.expectAt(isTaken ? middle : high, (await motor.rest(seconds, "startMove")).position, how);
      second.expectAt(isTaken ? high : low, (await second.rest(seconds, "startMove")).position, how);
    },
  },
];
