import type { VirtualClock } from "@beamtime/concurrency";
import { AxisState, type MotorController } from "@beamtime/motion";
import type { SimulatedMotorController } from "../src/simulated-motor-controller.js";

/** What a controller does otherwise than it should. */
export type Defect = (
  motors: SimulatedMotorController,
  clock: VirtualClock,
) => { [K in keyof MotorController]?: MotorController[K] | undefined };

const never = async (): Promise<never> => new Promise<never>(() => {});

/** Shows only what `change` makes of a state. */
function state(change: (state: AxisState, address: string) => AxisState): Defect {
  return (motors) => ({
    readState: async (address, options) => change(await motors.readState(address, options), address),
  });
}

const without =
  (flag: string) =>
  (given: AxisState): AxisState =>
    new AxisState([...given.flags].filter(([name]) => name !== flag));

const ignoresStop: Defect = () => ({ stop: async () => {} });

const stopsOnlyOne: Defect = (motors) => ({ stop: ([first = ""], options) => motors.stop([first], options) });

const measuresTwice: Defect = (motors) => ({
  readEncoder: async (address, options) => 2 * (await motors.readEncoder(address, options)),
});

const movesWithoutPower: Defect = () => ({ powerOff: async () => {} });

/** What a controller may do wrong, by the name of the check that must find it, with what that says. */
export const motorDefects: Readonly<Record<string, readonly [what: string, defect: Defect, message: RegExp][]>> = {
  "initialises, also again": [
    [
      "goes home when it is initialised",
      (motors) => ({
        async initializeAxis(address, options) {
          await motors.setVelocity(address, 1000);
          await motors.setAcceleration(address, 20_000);
          await motors.startMove([{ address, target: 120 }], options);
        },
      }),
      /initializeAxis/,
    ],
  ],
  "stands still at rest": [
    [
      "drifts",
      (motors, clock) => ({
        readPosition: async (address, options) => (await motors.readPosition(address, options)) + 20 * clock.now(),
      }),
      /is no more at/,
    ],
    ["is neither ready nor moving", state(() => new AxisState([])), /expected READY/],
  ],
  "moves there and back": [
    [
      "stops short",
      (motors) => ({
        startMove: (motions, options) =>
          motors.startMove(
            motions.map(({ address, target }) => ({ address, target: target - 3 })),
            options,
          ),
      }),
      /came to rest at 397; expected 400 within 1 steps/,
    ],
    ["never says that it has arrived", state(() => AxisState.moving), /still tells MOVING .* after startMove/],
    [
      "cannot move",
      () => ({ startMove: () => Promise.reject(new Error("drive not found")) }),
      /startMove threw: drive not found/,
    ],
  ],
  "is MOVING on its way, and READY after": [
    [
      "never says that it moves",
      state(() => AxisState.ready),
      /readState tells READY .* after startMove, at .*expected MOVING/,
    ],
    [
      "waits for the end of a move",
      (motors, clock) => ({
        async startMove(motions, options) {
          await motors.startMove(motions, options);
          await clock.sleep(2, options);
        },
      }),
      /it has waited for the end of the move/,
    ],
    ["is READY on its way", state((given) => given.with("READY")), /expected MOVING alone/],
    [
      "tells no position in flight",
      (motors) => {
        let last = 0;
        return {
          async readPosition(address, options) {
            if (!(await motors.readState(address, options)).has("MOVING"))
              last = await motors.readPosition(address, options);
            return last;
          },
        };
      },
      /readPosition answers 0 in the middle of the way/,
    ],
  ],
  "keeps its velocity": [
    [
      "goes too fast",
      (motors) => ({
        setVelocity: (address, velocity, options) => motors.setVelocity(address, velocity * 1.05, options),
      }),
      /expected 1000 steps\/s/,
    ],
    [
      "ignores its velocity",
      (motors) => ({ setVelocity: (address, _velocity, options) => motors.setVelocity(address, 1000, options) }),
      /expected -500 steps\/s/,
    ],
  ],
  "takes the time that its dynamics give": [
    [
      "ignores its acceleration",
      (motors) => ({
        setAcceleration: (address, _acceleration, options) => motors.setAcceleration(address, 1e6, options),
      }),
      /it was at rest .* after startMove; expected 0.4500 s for 400 steps/,
    ],
    [
      "is sluggish",
      (motors) => ({
        setAcceleration: (address, acceleration, options) => motors.setAcceleration(address, acceleration / 2, options),
      }),
      /it still moved .* after startMove; expected 0.4500 s/,
    ],
  ],
  "tells its dynamics": [
    [
      "tells its velocity per minute",
      (motors) => ({ readVelocity: async (address, options) => 60 * (await motors.readVelocity(address, options)) }),
      /readVelocity answers 30000; expected 500/,
    ],
  ],
  "stops in flight": [
    ["ignores stop", ignoresStop, /still tells MOVING .* after stop/],
    [
      "goes back after a stop",
      (motors, clock) => ({
        async stop(addresses, options) {
          await motors.stop(addresses, options);
          await clock.sleep(0.1, options);
          await motors.startMove(
            addresses.map((address) => ({ address, target: 0 })),
            options,
          );
        },
      }),
      /still tells MOVING .* after stop|came to rest at 0/,
    ],
  ],
  "takes a stop at rest": [
    [
      "fails at rest",
      () => ({ stop: () => Promise.reject(new Error("nothing to stop")) }),
      /stop threw: nothing to stop/,
    ],
  ],
  "mixes no moves": [
    [
      "takes a second move and forgets it",
      (motors) => ({ startMove: (motions, options) => motors.startMove(motions, options).catch(() => {}) }),
      /took a second move and stands at 400; expected 200/,
    ],
  ],
  "counts from elsewhere without moving": [
    [
      "moves there",
      (motors) => ({
        async setPosition(address, position, options) {
          await motors.startMove([{ address, target: position }], options);
          return position;
        },
      }),
      /setPosition/,
    ],
    [
      "ignores it",
      (motors) => ({ setPosition: (address, _position, options) => motors.readPosition(address, options) }),
      /is, as setPosition answers, at 0; expected 800/,
    ],
  ],
  "keeps its axes apart": [
    [
      "answers the question before",
      (motors) => {
        let last = "a";
        return {
          async readPosition(address, options) {
            const asked = last;
            last = address;
            return motors.readPosition(asked, options);
          },
        };
      },
      /axis . of simulation/,
    ],
  ],
  "moves two axes together": [
    [
      "moves the first alone",
      (motors) => ({ startMove: (motions, options) => motors.startMove(motions.slice(0, 1), options) }),
      /axis b of simulation: readState tells READY/,
    ],
  ],
  "stops two axes at once": [["stops the first alone", stopsOnlyOne, /axis b of simulation: .*(went on|still tells)/]],
  "starts all of a group, or none": [
    [
      "starts those that can",
      (motors) => ({
        async startMove(motions, options) {
          for (const motion of motions) await motors.startMove([motion], options);
        },
      }),
      /axis b of simulation: it in a group that was refused, came to rest at 400; expected 0/,
    ],
  ],
  "jogs both ways until it is stopped": [
    [
      "jogs in one direction",
      (motors) => ({ startJog: (address, velocity, options) => motors.startJog(address, Math.abs(velocity), options) }),
      /expected -1000 steps\/s/,
    ],
    ["does not stop", ignoresStop, /still tells MOVING/],
  ],
  "finds its home switch": [
    ["does not say that it is there", state(without("HOME")), /after a home search; expected HOME/],
    [
      "is at home everywhere",
      state((given) => (given.has("MOVING") ? given : given.with("HOME"))),
      /expected no more HOME/,
    ],
  ],
  "finds its end switches": [
    [
      "takes one for the other",
      (motors) => ({
        startLimitSearch: (address, direction, options) =>
          motors.startLimitSearch(address, direction === 1 ? -1 : 1, options),
      }),
      /after a limit search in direction 1; expected LIMPOS/,
    ],
  ],
  "stops in a search": [["does not stop", ignoresStop, /came to rest at|still tells MOVING/]],
  "refuses to move without power": [
    ["moves without power", movesWithoutPower, /readState tells READY .* after powerOff; expected OFF/],
    [
      "does not move, but does not say so",
      (motors) => ({ startMove: (motions, options) => motors.startMove(motions, options).catch(() => {}) }),
      /startMove went well; expected it to throw, because the motor has no power/,
    ],
  ],
  "measures with its encoder": [
    ["measures in other steps", measuresTwice, /is, for the encoder, at position 400, at 800; expected 400/],
    [
      "measures what the motor counts",
      (motors) => ({ readEncoder: (address, options) => motors.readPosition(address, options) }),
      /for the encoder, after setPosition, at 1000; expected 0/,
    ],
  ],
  "sets its encoder": [["ignores it", () => ({ setEncoder: async () => {} }), /after setEncoder, at 0; expected 1000/]],
  "sends its triggers": [
    [
      "sends one too few",
      (motors) => ({
        armTriggers: (address, triggers, options) =>
          motors.armTriggers(address, triggers && { ...triggers, count: triggers.count - 1 }, options),
      }),
      /it sent 3 pulses .*expected 4 pulses/,
    ],
    [
      "sends them upwards only",
      (motors) => ({
        armTriggers: (address, triggers, options) =>
          motors.armTriggers(address, triggers && { ...triggers, step: Math.abs(triggers.step) }, options),
      }),
      /it sent \d pulses from 300 in steps of -50/,
    ],
    [
      "cannot be disarmed",
      (motors) => ({
        armTriggers: (address, triggers, options) =>
          motors.armTriggers(address, triggers ?? { start: 350, step: -50, count: 9 }, options),
      }),
      /after armTriggers\(undefined\)/,
    ],
  ],
  "starts nothing for an aborted signal": [
    [
      "does not look at its signal",
      (motors) => ({ startMove: (motions) => motors.startMove(motions) }),
      /startMove went well; expected it to throw, because its signal was aborted/,
    ],
  ],
  "ends a call with its signal": [
    [
      "does not look at its signal",
      (motors) => ({ readState: (address) => motors.readState(address) }),
      /readState did not answer/,
    ],
  ],
  "answers several questions at once": [
    [
      "takes one question at a time",
      (motors) => {
        let isBusy = false;
        return {
          async readPosition(address, options) {
            if (isBusy) throw new Error("busy");
            isBusy = true;
            try {
              return await motors.readPosition(address, options);
            } finally {
              isBusy = false;
            }
          },
        };
      },
      /readPosition threw: busy/,
    ],
  ],
  "refuses an axis that there is not": [
    [
      "takes any address",
      (motors) => ({
        initializeAxis: async () => {},
        readState: (_address, options) => motors.readState("a", options),
      }),
      /initializeAxis and readState of c went well/,
    ],
  ],
  "answers a command": [
    ["is silent", () => ({ rawCommand: async () => "" }), /rawCommand\("\?VER"\) answered nothing/],
  ],
  "describes an axis": [
    ["has nothing to say", () => ({ describeAxis: async () => " " }), /describeAxis answered nothing/],
  ],
  "forgets, and knows again": [
    [
      "forgets for good",
      (motors) => ({
        async forget(address) {
          await motors.setPosition(address, 0);
        },
      }),
      /is, after forget, at 0; expected 400/,
    ],
  ],
  "as an axis: moves, and tells so": [
    ["never says that it moves", state(() => AxisState.ready), /the axis|move of the axis failed/],
  ],
  "as an axis: stops where it says": [["does not stop", ignoresStop, /stop|abort/]],
  "as axes: move together, and stop together": [["stops the first alone", stopsOnlyOne, /axis b of simulation/]],
  "as an axis: jogs until it is stopped": [
    [
      "jogs the other way",
      (motors) => ({ startJog: (address, velocity, options) => motors.startJog(address, -velocity, options) }),
      /it jogged from .* to -.*; expected upwards/,
    ],
  ],
  "as an axis: finds its switches": [["does not say that it is at home", state(without("HOME")), /HOME/]],
  "as an axis: does not move without power": [["moves without power", movesWithoutPower, /after off; expected OFF/]],
  "as an axis: is confirmed by its encoder": [
    ["measures in other steps", measuresTwice, /move of the axis failed: .*did not reach its final position/],
  ],
  "as an axis: says when the hardware is silent": [
    [
      "stays silent",
      (motors, clock) => {
        let isDead = false;
        return {
          async readPosition(address, options) {
            const before = clock.now();
            if (isDead) return never();
            try {
              return await motors.readPosition(address, options);
            } finally {
              isDead = clock.now() > before + 0.1;
            }
          },
        };
      },
      /of the axis failed: the controller simulation of axis a did not answer readPosition/,
    ],
  ],
};
