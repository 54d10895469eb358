import type { ControllerCheck } from "./controller-check.js";

/** How calls answer, fail and end. */
export const callChecks: readonly ControllerCheck[] = [
  {
    name: "starts nothing for an aborted signal",
    expects: "startMove with a signal that is aborted already throws, and nothing moves",
    async run({ motor, controller, setup: { range } }) {
      const before = await motor.position();
      const signal = AbortSignal.abort(new Error("aborted before the call"));
      const move = controller.startMove([{ address: motor.address, target: range[1] }], { signal });
      await motor.refusal("startMove", move, "its signal was aborted");
      await motor.expectStanding(before, "after a startMove that was aborted");
    },
  },
  {
    name: "ends a call with its signal",
    expects: "a call to hardware that does not answer ends when its signal aborts, and later calls work",
    skip: ({ setup }) =>
      setup.options.silence ? undefined : "the option silence does not tell how hardware goes silent",
    async run({ motor, controller, setup }) {
      const { address } = motor;
      const answerAgain = setup.options.silence?.(controller);
      try {
        for (const [call, ask] of [
          ["readPosition", (signal: AbortSignal) => controller.readPosition(address, { signal })],
          ["readState", (signal: AbortSignal) => controller.readState(address, { signal })],
          [
            "startMove",
            (signal: AbortSignal) => controller.startMove([{ address, target: setup.range[1] }], { signal }),
          ],
          ["stop", (signal: AbortSignal) => controller.stop([address], { signal })],
        ] as const) {
          const user = new AbortController();
          const refused = motor.refusal(call, ask(user.signal), "its signal was aborted");
          refused.catch(() => {});
          await motor.wait(0.02);
          user.abort(new Error("aborted in the call"));
          await refused;
        }
      } finally {
        answerAgain?.();
      }
      await motor.look();
    },
  },
  {
    name: "answers several questions at once",
    expects: "calls that are made before others have answered are answered all the same",
    async run({ motor, setup: { range } }) {
      await motor.reach(range[1]);
      const questions = Array.from({ length: 10 }, async () => {
        motor.expectAt(range[1], await motor.position(), "was asked ten times at once, and answered to be");
        const state = await motor.state();
        if (state.has("MOVING")) throw motor.wrong(`it is ${state.toString()}`, "it to stand");
      });
      await Promise.all(questions);
    },
  },
  {
    name: "refuses an axis that there is not",
    expects: "initializeAxis, or else readState, throws for an unknown address",
    skip: ({ setup }) =>
      setup.options.unknownAddress === undefined ? "the option unknownAddress gives no address" : undefined,
    async run({ motor, controller, setup: { options } }) {
      const { unknownAddress: address = "" } = options;
      const answer = (async () => {
        await controller.initializeAxis?.(address, motor.call);
        await controller.readState(address, motor.call);
      })();
      await motor.refusal(`initializeAxis and readState of ${address}`, answer, "there is no such axis");
    },
  },
  {
    name: "answers a command",
    expects: "rawCommand sends a command in the words of the hardware, and gives back its answer",
    needs: ["rawCommand"],
    skip: ({ setup }) => (setup.options.command === undefined ? "the option command gives no command" : undefined),
    async run({ motor, controller, setup: { options } }) {
      const { command = "" } = options;
      const answer = await motor.ask("rawCommand", controller.rawCommand?.(command, motor.call));
      if (answer.trim() === "") throw motor.wrong(`rawCommand("${command}") answered nothing`, "an answer");
    },
  },
  {
    name: "describes an axis",
    expects: "describeAxis tells people something of it",
    skip: ({ controller }) => (controller.describeAxis ? undefined : "the controller has no describeAxis"),
    async run({ motor, controller }) {
      const text = await motor.ask("describeAxis", controller.describeAxis?.(motor.address, motor.call));
      if (text.trim() === "") throw motor.wrong("describeAxis answered nothing", "a text");
    },
  },
  {
    name: "forgets, and knows again",
    expects: "after forget the position is read again, and is the same when nothing has moved",
    skip: ({ controller }) => (controller.forget ? undefined : "the controller has no forget"),
    async run({ motor, controller, setup: { range } }) {
      await motor.reach(range[1]);
      await motor.ask("forget", controller.forget?.(motor.address, motor.call));
      motor.expectAt(range[1], await motor.position(), "is, after forget,");
    },
  },
];
