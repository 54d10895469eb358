import { BeamtimeError, errorMessage } from "@beamtime/errors";
import type { Axis } from "../axis.js";
import { AxisError, AxisStoppedError } from "../axis-error.js";
import { Encoder } from "../encoder.js";
import { moveTogether } from "../move-together.js";
import type { CheckedMotor } from "./checked-motor.js";
import { UnseenMotionError } from "./conformance-error.js";
import type { CheckRig, ControllerCheck } from "./controller-check.js";
import { untilSeen } from "./timing.js";

/** The same through `Axis`, as users have it. */
export const axisChecks: readonly ControllerCheck[] = [
  {
    name: "as an axis: moves, and tells so",
    expects: "move arrives; onState hears MOVING and READY, onPosition the way, onMoveDone the end",
    async run(rig) {
      const { motor, setup } = rig;
      const axis = rig.axis(motor);
      const heard: string[] = [];
      const positions: number[] = [];
      axis.onState((state) => heard.push(state.has("MOVING") ? "MOVING" : "rest"));
      axis.onPosition((position) => positions.push(position));
      axis.onMoveDone(() => heard.push("done"));
      await works(motor, "initialize", axis.initialize(motor.call));
      heard.length = 0;
      for (const target of [setup.range[1], setup.range[0]]) {
        await works(motor, "move", axis.move(target / 10, motor.call));
        motor.expectAt(target, axis.position * 10, "is, for the axis,");
        motor.expectAt(target, await motor.position(), "came to rest");
      }
      if (heard.join(" ") !== "MOVING rest done MOVING rest done") {
        throw motor.wrong(`the axis told ${heard.join(", ")}`, "MOVING, rest, done for each of two moves");
      }
      if (positions.length < 4)
        throw motor.wrong(`the axis told ${positions.length} positions`, "positions on the way");
    },
  },
  {
    name: "as an axis: stops where it says",
    expects: "stop and abort end a move in flight; it stands, and its true position is known",
    async run(rig) {
      const { motor, setup } = rig;
      const [low, high] = setup.range;
      const axis = rig.axis(motor);
      for (const way of ["stop", "abort"] as const) {
        await untilSeen(motor, async () => {
          await works(motor, "move", axis.move(low / 10, motor.call));
          const user = new AbortController();
          const outcome = axis.move(high / 10, { signal: user.signal }).then(
            () => undefined,
            (error: unknown) => error,
          );
          await motor.wait(0.3 * motor.duration(high - low));
          if (way === "abort") user.abort(new Error("abort of the check"));
          else await works(motor, "stop", axis.stop(motor.call));
          const error = await outcome;
          const isRight = way === "abort" ? error === user.signal.reason : error instanceof AxisStoppedError;
          if (error === undefined && way === "stop") return false;
          if (error === undefined) throw motor.wrong("the move went on after its signal was aborted", "it to stop");
          if (!isRight)
            throw motor.wrong(`${way} in flight ended a move with: ${errorMessage(error)}`, `${way} to end it`);
          await motor.expectStanding(axis.position * 10, `after ${way} of the axis, which knows it there`);
          return Math.abs(axis.position * 10 - high) > setup.tolerance;
        });
      }
    },
  },
  {
    name: "as axes: move together, and stop together",
    expects: "moveTogether brings both to their targets; its signal stops both",
    needsTwo: true,
    async run(rig) {
      const { motor, second, setup } = rig;
      const [low, high] = setup.range;
      const axes = [rig.axis(motor), rig.axis(second)] as const;
      const all = (position: number): [Axis, number][] => axes.map((axis) => [axis, position / 10]);
      const seconds = motor.duration(high - low);
      await untilSeen(motor, async () => {
        await works(motor, "moveTogether", moveTogether(all(high), motor.call));
        for (const one of rig.motors) one.expectAt(high, await one.position(), "came to rest");
        const user = new AbortController();
        const before = motor.now;
        const outcome = moveTogether(all(low), { signal: user.signal }).catch((error: unknown) => error);
        await motor.wait(0.2 * seconds);
        user.abort(new Error("abort of the check"));
        const isLate = motor.now > before + 0.6 * seconds;
        const error = await outcome;
        if (isLate) return false;
        if (error !== user.signal.reason) {
          throw motor.wrong(`an abort ended moveTogether with: ${errorMessage(error)}`, "the reason of the abort");
        }
        for (const [index, one] of rig.motors.entries()) {
          const { position = Number.NaN } = axes[index] ?? {};
          await one.expectStanding(position * 10, "after an abort of both, where the axis knows it");
          if (Math.abs(position * 10 - low) <= setup.tolerance) {
            const { message } = one.wrong(`it went on to ${position * 10} after an abort of both`, "it to stop");
            throw new UnseenMotionError(message); // the stop may have come too late
          }
        }
        return true;
      });
    },
  },
  {
    name: "as an axis: jogs until it is stopped",
    expects: "jog resolves once it moves, stop ends it, and the position is known",
    needs: ["jog"],
    async run(rig) {
      const { motor, setup } = rig;
      const axis = rig.axis(motor);
      await works(motor, "initialize", axis.initialize(motor.call));
      const before = axis.position;
      await works(motor, "jog", axis.jog(setup.velocity / 20, motor.call));
      if (!axis.isMoving) throw motor.wrong(`the axis is ${axis.state.toString()} after jog`, "it to move");
      await motor.wait(0.3 * motor.duration(setup.range[1] - setup.range[0]));
      await works(motor, "stop", axis.stop(motor.call));
      await axis.waitMove(motor.call).catch(() => {}); // tells that it was stopped
      if (!(axis.position > before))
        throw motor.wrong(`it jogged from ${before * 10} to ${axis.position * 10}`, "upwards");
      await motor.expectStanding(axis.position * 10, "after the stop of a jog, where the axis knows it");
    },
  },
  {
    name: "as an axis: finds its switches",
    expects: "home and hwLimit resolve on the switch, with the state that says so",
    needs: ["homeSearch", "limitSearch"],
    async run(rig) {
      const { motor, setup } = rig;
      const axis = rig.axis(motor);
      const { homeDirections: [direction = 1] = [] } = setup.options;
      const searches = [
        ["HOME", () => axis.home(direction, motor.call)],
        ["LIMPOS", () => axis.hwLimit(1, motor.call)],
        ["LIMNEG", () => axis.hwLimit(-1, motor.call)],
      ] as const;
      for (const [flag, search] of searches) {
        await works(motor, `the search of ${flag}`, search());
        if (!axis.state.has(flag)) throw motor.wrong(`the axis is ${axis.state.toString()} after its search`, flag);
        await works(motor, "move", axis.move(setup.range[0] / 10, motor.call));
      }
    },
  },
  {
    name: "as an axis: does not move without power",
    expects: "off makes the axis OFF and its moves fail at once; on revives it",
    needs: ["power"],
    async run(rig) {
      const { motor, setup } = rig;
      const axis = rig.axis(motor);
      await works(motor, "off", axis.off(motor.call));
      const before = await motor.position();
      if (!axis.state.has("OFF")) throw motor.wrong(`the axis is ${axis.state.toString()} after off`, "OFF");
      const error = await motor.refusal("move", axis.move(setup.range[1] / 10, motor.call), "the power is off");
      if (!(error instanceof AxisError)) throw motor.wrong(`move threw ${errorMessage(error)}`, "an AxisError");
      motor.expectAt(before, await motor.position(), "is, after a move without power,");
      await works(motor, "on", axis.on(motor.call));
      await works(motor, "move", axis.move(setup.range[1] / 10, motor.call));
    },
  },
  {
    name: "as an axis: is confirmed by its encoder",
    expects: "measuredPosition is where the axis was sent",
    needs: ["encoder", "setEncoder"],
    async run(rig) {
      const { motor, controller, setup } = rig;
      const {
        address = motor.address,
        stepsPerStep = 1,
        tolerance = Math.abs(stepsPerStep) * setup.tolerance,
      } = setup.options.encoder ?? {};
      const { clock } = setup;
      const encoder = new Encoder({
        ...{ name: "encoder", controller, address, clock, stepsPerUnit: 10 * stepsPerStep },
        tolerance: Math.abs(tolerance / 10 / stepsPerStep) + setup.tolerance / 10,
      });
      const axis = rig.axis(motor, { encoder, checkEncoder: true });
      await works(motor, "initialize", axis.initialize(motor.call));
      await works(motor, "set of the encoder", encoder.set(axis.dial, motor.call));
      await works(motor, "move", axis.move(setup.range[1] / 10, motor.call));
      const measured = await works(motor, "measuredPosition", axis.measuredPosition(motor.call));
      motor.expectAt(setup.range[1], measured * 10, "is measured", encoder.tolerance * 10);
    },
  },
  {
    name: "as an axis: says when the hardware is silent",
    expects:
      "a call that is not answered ends in an error, of the line or an AxisTimeoutError, and the axis works again after",
    skip: ({ setup }) =>
      setup.options.silence ? undefined : "the option silence does not tell how hardware goes silent",
    async run(rig) {
      const { motor, controller, setup } = rig;
      const axis = rig.axis(motor, { answerTime: 2 }); // more than hardware that is there needs
      await works(motor, "initialize", axis.initialize(motor.call));
      const answerAgain = setup.options.silence?.(controller);
      try {
        const error = await motor.refusal("readPosition of the axis", axis.readPosition(motor.call), "nothing answers");
        // the line may give up first; anything else is a mistake of the controller
        if (!(error instanceof BeamtimeError)) {
          throw motor.wrong(
            `readPosition ended with: ${errorMessage(error)}`,
            "an AxisTimeoutError, or one of the line",
          );
        }
      } finally {
        answerAgain?.();
      }
      await revive(rig, axis);
      await works(motor, "move", axis.move(setup.range[1] / 10, motor.call));
    },
  },
];

/** Brings an axis back whose controller was silent. The call that went without an answer may be in the way for a while. */
async function revive({ motor, setup }: CheckRig, axis: Axis): Promise<void> {
  const until = motor.now + setup.answerTime;
  for (;;) {
    const reviving = axis.disabled ? axis.enable(motor.call) : axis.syncHard(motor.call);
    if (motor.now > until) return await works(motor, "syncHard", reviving);
    const isAlive = await reviving.then(
      () => true,
      () => false,
    );
    if (isAlive) return;
    await motor.wait(setup.pollingTime);
  }
}

/** What an axis does. @throws ConformanceError that says what it could not, and why */
async function works<T>(motor: CheckedMotor, what: string, doing: Promise<T>): Promise<T> {
  try {
    return await doing;
  } catch (error) {
    motor.setup.signal?.throwIfAborted();
    throw motor.wrong(`${what} of the axis failed: ${errorMessage(error)}`, "it to work", { cause: error });
  }
}
