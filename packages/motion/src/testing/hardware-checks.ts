import type { PositionTriggers } from "../motor-controller.js";
import type { CheckedMotor } from "./checked-motor.js";
import type { CheckRig, ControllerCheck } from "./controller-check.js";

/** Power, encoders and triggers. */
export const hardwareChecks: readonly ControllerCheck[] = [
  {
    name: "refuses to move without power",
    expects: "after powerOff the state is OFF and startMove throws; after powerOn it moves again",
    needs: ["power"],
    async run({ motor, controller, setup: { range } }) {
      const { address, call } = motor;
      const before = await motor.position();
      await motor.ask("powerOff", controller.powerOff?.(address, call));
      try {
        const state = await motor.state();
        if (!state.has("OFF") || state.has("READY")) {
          throw motor.wrong(`readState tells ${state.toString()} after powerOff`, "OFF, and not READY");
        }
        const move = controller.startMove([{ address, target: range[1] }], call);
        await motor.refusal("startMove", move, "the motor has no power");
        await motor.expectStanding(before, "without power");
      } finally {
        await motor.ask("powerOn", controller.powerOn?.(address, call));
      }
      const state = await motor.state();
      if (state.has("OFF")) throw motor.wrong(`readState tells ${state.toString()} after powerOn`, "READY");
      await motor.reach(range[1]);
    },
  },
  {
    name: "measures with its encoder",
    expects: "readEncoder follows the motor, in steps of the encoder, and is not changed by setPosition",
    needs: ["encoder"],
    async run(rig) {
      const { motor, controller, setup } = rig;
      const { range, tolerance } = setup;
      const { stepsPerStep = 1, tolerance: room = Math.abs(stepsPerStep) * tolerance } = setup.options.encoder ?? {};
      const zero = await readEncoder(rig);
      const start = await motor.position();
      for (const target of [range[1], range[0]]) {
        const { position } = await motor.reach(target);
        const expected = zero + stepsPerStep * (position - start);
        motor.expectAt(expected, await readEncoder(rig), `is, for the encoder, at position ${position},`, room);
      }
      if (!controller.setPosition) return;
      const [before, here] = [await readEncoder(rig), await motor.position()];
      await motor.ask("setPosition", controller.setPosition(motor.address, here + 1000, motor.call));
      const after = await readEncoder(rig);
      await motor.ask("setPosition", controller.setPosition(motor.address, here, motor.call));
      motor.expectAt(before, after, "is, for the encoder, after setPosition,", room);
    },
  },
  {
    name: "sets its encoder",
    expects: "setEncoder makes the encoder count from elsewhere; nothing moves",
    needs: ["encoder", "setEncoder"],
    async run(rig) {
      const { motor, controller, setup } = rig;
      const { address = motor.address, stepsPerStep = 1 } = setup.options.encoder ?? {};
      const room = setup.options.encoder?.tolerance ?? Math.abs(stepsPerStep) * setup.tolerance;
      const [before, here] = [await readEncoder(rig), await motor.position()];
      await motor.ask("setEncoder", controller.setEncoder?.(address, before + 1000, motor.call));
      const after = await readEncoder(rig);
      await motor.ask("setEncoder", controller.setEncoder?.(address, before, motor.call));
      motor.expectAt(before + 1000, after, "is, for the encoder, after setEncoder,", room);
      await motor.expectStanding(here, "after setEncoder");
    },
  },
  {
    name: "sends its triggers",
    expects: "armTriggers gives a pulse at each position that is passed in the direction of the step, and no more",
    needs: ["triggers"],
    skip: ({ setup }) => (setup.options.onPulse ? undefined : "the option onPulse does not tell how pulses are heard"),
    async run(rig) {
      const { motor, controller, setup } = rig;
      const [low, high] = setup.range;
      const step = (high - low) / 8;
      let pulses = 0;
      const leave = setup.options.onPulse?.(controller, motor.address, () => void pulses++);
      try {
        await expectPulses(motor, { start: low + 2 * step, step, count: 4 }, high, 4);
        await expectPulses(motor, { start: high - 2 * step, step: -step, count: 40 }, low, 7);
        await expectPulses(motor, { start: high, step: -step, count: 4 }, high - step / 2, 1);
        await expectPulses(motor, undefined, low, 0);
      } finally {
        await motor.ask("armTriggers", controller.armTriggers?.(motor.address, undefined, motor.call));
        leave?.();
      }

      async function expectPulses(
        { address, call }: CheckedMotor,
        triggers: PositionTriggers | undefined,
        target: number,
        expected: number,
      ): Promise<void> {
        if (triggers && Math.sign(triggers.step) !== Math.sign(target - (await motor.position())))
          await motor.reach(high);
        await motor.ask("armTriggers", controller.armTriggers?.(address, triggers, call));
        pulses = 0;
        await motor.reach(target);
        await motor.wait(setup.pollingTime);
        if (pulses === expected) return;
        const armed = triggers ? `from ${triggers.start} in steps of ${triggers.step}` : "after armTriggers(undefined)";
        throw motor.wrong(`it sent ${pulses} pulses ${armed}, on its way to ${target}`, `${expected} pulses`);
      }
    },
  },
];

async function readEncoder({ motor, controller, setup }: CheckRig): Promise<number> {
  const { address = motor.address } = setup.options.encoder ?? {};
  const reading = await motor.ask("readEncoder", controller.readEncoder?.(address, motor.call));
  if (Number.isFinite(reading)) return reading;
  throw motor.wrong(`readEncoder answered ${reading}`, "a finite number of steps");
}
