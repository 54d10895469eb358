import { abortable, Disposer, within } from "@beamtime/concurrency";
import { afterwards } from "./afterwards.js";
import type { AxisDrive } from "./axis-drive.js";
import { AxisStoppedError } from "./axis-error.js";
import { hooksOf, type MotionHook, type PlannedMove } from "./motion-hook.js";
import { MotionHookError } from "./motion-hook-error.js";

/** Seconds that a hook may go on after its motion is to end. */
const hookGrace = 10;

export interface WithHooksOptions {
  readonly drives: readonly AxisDrive[];
  /** Of each of them. */
  readonly moves: readonly PlannedMove[];
  /** Beside the hooks of the axes. */
  readonly further: readonly MotionHook[] | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Calls the hooks of a motion. Those that were called before it are called after it, the last first. After an abort or a stop
 * a hook that does not end is left alone.
 *
 * @throws what a hook or the motion throws; AxisStoppedError after a stop before the motion; MotionHookError
 */
export async function withHooks(options: WithHooksOptions, motion: () => Promise<void>): Promise<void> {
  const { drives, moves, further, signal } = options;
  const hooks = hooksOf(moves, further);
  const [first] = drives;
  signal?.throwIfAborted();
  if (hooks.size === 0 || !first) return await motion();
  const { name, clock } = first;
  const over = new AbortController();
  const onAbort = (): void => over.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  for (const [index, drive] of drives.entries()) {
    drive.onStop = () => {
      const target = moves[index]?.to ?? Number.NaN;
      over.abort(new AxisStoppedError(drive.name, drive.position, target, drive.coordinates.unit));
    };
    if (drive.stopRequested) drive.onStop();
  }
  const call = async (hook: MotionHook, what: "preMove" | "postMove", its: readonly PlannedMove[]): Promise<void> => {
    const ended = (async () => hook[what]?.(its, what === "preMove" ? { signal: over.signal } : {}))();
    try {
      await abortable(ended, over.signal);
    } catch (error) {
      if (!over.signal.aborted) throw error;
      const axis = its[0]?.axis.name ?? name;
      const late = (): Error => new MotionHookError(axis, hook.name, what, hookGrace, over.signal.reason);
      await within(hookGrace, ended, { clock, late });
    }
  };
  const left = new Disposer();
  try {
    await afterwards(
      name,
      async () => {
        for (const [hook, its] of hooks) {
          over.signal.throwIfAborted();
          left.defer(() => call(hook, "postMove", its));
          await call(hook, "preMove", its);
        }
        over.signal.throwIfAborted();
        await motion();
      },
      () => left[Symbol.asyncDispose](),
    );
  } finally {
    signal?.removeEventListener("abort", onAbort);
    for (const drive of drives) drive.onStop = undefined;
  }
}
