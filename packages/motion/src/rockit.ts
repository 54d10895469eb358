import { ArgumentError } from "@beamtime/errors";
import { afterwards } from "./afterwards.js";
import type { Axis } from "./axis.js";
import { backlashDetour } from "./backlash-detour.js";
import { checkTrajectory } from "./check-trajectory.js";
import { driveTogether } from "./drive-together.js";
import type { ControllerCallOptions } from "./motor-controller.js";
import { startMotion } from "./start-motion.js";

/**
 * Rocks an axis back and forth around where it stands while something else is done, and returns it there afterwards, however
 * that has ended. After an abort, a stop or a fault the axis stays where it came to rest.
 *
 * @param total length of the way from end to end, in user units
 * @param body what is done meanwhile; its signal aborts when the axis fails
 * @returns what the body returns
 * @throws AxisLimitError before anything moves, else what the body or a move throws
 * @see BLISS `bliss/common/motor_group.py`, `rockit`
 */
export async function rockit<T>(
  axis: Axis,
  total: number,
  body: (options: { readonly signal: AbortSignal }) => Promise<T> | T,
  { signal }: ControllerCallOptions = {},
): Promise<T> {
  if (!Number.isFinite(total) || total === 0) {
    const expected = `the length of the way of ${axis.name} from end to end, not 0`;
    throw new ArgumentError("total", `total is ${total}; expected ${expected}`);
  }
  await axis.catchUp({ signal });
  signal?.throwIfAborted();
  const middle = axis.target;
  const ends = [middle - total / 2, middle + total / 2] as const;
  for (const [index, end] of ends.entries()) {
    checkTrajectory([[axis, [end]]]);
    backlashDetour(axis.drive, ends[1 - index] ?? middle, end);
  }
  const go = (to: number, until: AbortSignal | undefined): Promise<void> =>
    startMotion([axis.drive], { signal: until }, (inner) => driveTogether([{ drive: axis.drive, to }], inner));
  const over = new AbortController();
  const failed = new AbortController();
  const stop = (): void => over.abort(signal?.reason);
  signal?.addEventListener("abort", stop, { once: true });
  const rocking = (async () => {
    for (let turn = 0; !over.signal.aborted; turn++) {
      await go(ends[turn % 2] ?? middle, over.signal);
    }
  })().catch((error: unknown) => {
    if (error !== over.signal.reason) failed.abort(error);
  });
  return await afterwards(
    axis.name,
    async () => body({ signal: signal ? AbortSignal.any([signal, failed.signal]) : failed.signal }),
    async () => {
      signal?.removeEventListener("abort", stop);
      over.abort();
      await rocking;
      failed.signal.throwIfAborted();
      if (!signal?.aborted) await go(middle, signal);
    },
  );
}
