import { Disposer } from "@beamtime/concurrency";
import { ArgumentError } from "@beamtime/errors";
import type { AxisDrive } from "./axis-drive.js";
import { AxisStopError } from "./axis-error.js";
import { byController, forEach } from "./drive-groups.js";
import { hooksOf, type MotionHook, type PlannedMove } from "./motion-hook.js";
import type { ControllerCallOptions } from "./motor-controller.js";
import { prepareMotion } from "./prepare-motion.js";

/** How axes are moved. */
export interface OccupyOptions extends ControllerCallOptions {
  /** Beside those of the axes. */
  readonly hooks?: readonly MotionHook[] | undefined;
  /** Called when the motion has begun, for those who do not wait for its end. */
  readonly onStarted?: (() => void) | undefined;
}

/** What a motion does with the axes it has. */
export interface OccupiedMotion {
  /** Where each axis goes, in user units; NaN: nobody knows. */
  readonly targets: readonly number[];
  /** Refuses the motion before anything is asked of the hardware. */
  check(): void;
  /** Moves; `begin` is called just before the first command that makes something move. */
  run(begin: () => void, options: ControllerCallOptions): Promise<void>;
}

/**
 * Has axes for one motion: nobody else moves them meanwhile, here or in other processes; the hooks are called; whatever
 * goes wrong, the axes are stopped and their positions known.
 */
export async function occupy(
  drives: readonly AxisDrive[],
  motion: OccupiedMotion,
  { signal, hooks: further }: OccupyOptions,
): Promise<void> {
  signal?.throwIfAborted();
  for (const [index, drive] of drives.entries()) {
    if (drives.indexOf(drive) !== index) {
      throw new ArgumentError("targets", `${drive.name} is given twice: expected each axis once`);
    }
  }
  for (const drive of drives) drive.assertFree();
  motion.check();
  const isNew = drives.some((drive) => !drive.isInitialized);
  for (const drive of drives) drive.take();
  let hasBegun = false;
  const begin = (): void => {
    hasBegun = true;
  };
  try {
    await using _lock = await lock(drives, signal);
    await forEach(drives, signal, prepareMotion);
    if (isNew) motion.check(); // limits that were kept are known by now
    const moves = drives.map(({ axis, position }, i) => ({
      axis,
      from: position,
      to: motion.targets[i] ?? Number.NaN,
    }));
    await withHooks(moves, further, signal, async () => {
      try {
        await motion.run(begin, { signal });
      } catch (error) {
        if (hasBegun) await halt(drives, error);
        throw error;
      }
    });
  } finally {
    for (const drive of drives) {
      if (hasBegun) drive.give();
      else drive.giveBack();
    }
  }
}

/** Those hooks that were called before the motion are called after it, the last first. */
async function withHooks(
  moves: readonly PlannedMove[],
  more: readonly MotionHook[] | undefined,
  inner: AbortSignal | undefined,
  body: () => Promise<void>,
): Promise<void> {
  await using left = new Disposer();
  for (const [hook, its] of hooksOf(moves, more)) {
    left.defer(() => hook.postMove?.(its, {}));
    await hook.preMove?.(its, { signal: inner });
  }
  inner?.throwIfAborted();
  await body();
}

/** Locks for other processes what no scan of this one has locked. */
async function lock(drives: readonly AxisDrive[], signal: AbortSignal | undefined): Promise<AsyncDisposable> {
  const names = drives.flatMap(({ lockName = [] }) => lockName);
  const locks = drives.find(({ locks }) => locks)?.locks;
  if (!locks || names.length === 0) return { [Symbol.asyncDispose]: async () => {} };
  const holder = `a move of ${names.join(", ")}`;
  return await locks.acquire([...new Set(names)].sort(), { holder, signal: signal ?? new AbortController().signal });
}

/** Stops all of them, whatever was moving, and waits until they stand. @throws AxisStopError when that fails too */
async function halt(drives: readonly AxisDrive[], cause: unknown): Promise<void> {
  const stopped = await Promise.allSettled(stopAll(drives, {}));
  const settled = await Promise.allSettled(drives.map((drive) => drive.settle({})));
  const failures = [...stopped, ...settled].flatMap((outcome) =>
    outcome.status === "rejected" ? [outcome.reason as unknown] : [],
  );
  if (failures.length === 0) return;
  throw new AxisStopError(
    drives.map(({ name }) => name),
    cause,
    failures,
  );
}

/** Tells the controllers to stop the axes, each once. */
export function stopAll(drives: readonly AxisDrive[], options: ControllerCallOptions): Promise<void>[] {
  return Array.from(byController(drives), ([controller, [first, ...others]]) => {
    const addresses = [first, ...others].map(({ address }) => address);
    return first.link.ask("stop", (inner) => controller.stop(addresses, inner), options);
  });
}
