import { type ConfigPlugin, notNegativeSchema } from "@beamtime/config";
import { z } from "zod";
import { SleepHook } from "./sleep-hook.js";

const schema = z.strictObject({
  name: z.string().min(1),
  pre_move_wait: notNegativeSchema.default(0),
  post_move_wait: notNegativeSchema.default(0),
});

/** `class: SleepHook`, in BLISS with `module: motors.hooks`: waits before and after motions. */
export const sleepHookPlugins: readonly ConfigPlugin<z.infer<typeof schema>>[] = [undefined, "motors.hooks"].map(
  (module) => ({
    plugin: "bliss",
    class: "SleepHook",
    module,
    schema,
    create: ({ config: { name, pre_move_wait: preMoveWait, post_move_wait: postMoveWait } }, { clock }) => ({
      [name]: new SleepHook({ name, preMoveWait, postMoveWait, clock }),
    }),
  }),
);
