import { type LockableDevice, scanUsing } from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import type { Axis } from "./axis.js";
import type { AxisDrive } from "./axis-drive.js";
import { AxisStopError } from "./axis-error.js";
import { byController, forEach } from "./drive-groups.js";
import type { MotionHook } from "./motion-hook.js";
import type { ControllerCallOptions } from "./motor-controller.js";
import { prepareMotion } from "./prepare-motion.js";
import { tellStop } from "./stop-axes.js";
import { withHooks } from "./with-hooks.js";

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
  /** Moves; `begin` is called just before the first command that makes something move, and throws after a stop. */
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
  checkIndependent(drives);
  motion.check();
  const isNew = drives.some((drive) => !drive.isInitialized);
  const group = drives.length > 1 ? `a move of ${drives.map(({ name }) => name).join(", ")}` : undefined;
  for (const drive of drives) {
    const scan = scanUsing(drive.axis);
    drive.take(scan === undefined ? group : `the scan ${scan}`);
  }
  let hasBegun = false;
  let hasArrived = false;
  const begin = (): void => {
    for (const [index, drive] of drives.entries()) drive.assertNotStopped(motion.targets[index] ?? Number.NaN);
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
    await withHooks({ drives, moves, further, signal }, async () => {
      try {
        await motion.run(begin, { signal });
        hasArrived = true;
      } catch (error) {
        if (hasBegun) await halt(drives, error);
        throw error;
      }
    });
  } finally {
    for (const drive of drives) {
      if (hasBegun) drive.give({ hasArrived });
      else drive.giveBack();
    }
  }
}

/**
 * Calculated axes of one controller may share what they move, as that moves them together.
 *
 * @throws ArgumentError when an axis is to move by itself, or with two others
 */
function checkIndependent(drives: readonly AxisDrive[]): void {
  if (!drives.some(({ controller }) => controller.realAxes)) return;
  const movers = new Map<Axis, AxisDrive>();
  for (const drive of drives) {
    const { axis } = drive;
    for (const moved of axis.realAxes.length > 0 ? axis.realAxes : [axis]) {
      const other = movers.get(moved);
      movers.set(moved, drive);
      if (!other || (other.controller === drive.controller && other.axis !== moved && axis !== moved)) continue;
      const both = `${other.name} and ${drive.name} both move ${moved.name}`;
      throw new ArgumentError("targets", `${both}: expected axes that move independently: move one after the other`);
    }
  }
}

/** Locks for other processes what no scan of this one has locked. */
async function lock(drives: readonly AxisDrive[], signal: AbortSignal | undefined): Promise<AsyncDisposable> {
  const names = drives.flatMap(({ axis }): readonly string[] => {
    const device: LockableDevice = axis;
    const { name, lockName = name } = device;
    return lockName === null || scanUsing(device) !== undefined ? [] : [lockName];
  });
  const locks = drives.find(({ options }) => options.locks)?.options.locks;
  if (!locks || names.length === 0) return { [Symbol.asyncDispose]: async () => {} };
  const holder = `a move of ${names.join(", ")}`;
  return await locks.acquire([...new Set(names)].sort(), { holder, signal: signal ?? new AbortController().signal });
}

/**
 * Stops all of them, whatever was moving, and waits until they stand; but not for those that cannot be stopped, which may never do.
 *
 * @throws AxisStopError when one may still move, or where it stands is not known
 */
async function halt(drives: readonly AxisDrive[], cause: unknown): Promise<void> {
  const failed: { readonly name: string; readonly error: unknown }[] = [];
  const attempt = async (group: readonly AxisDrive[], work: Promise<unknown>): Promise<boolean> => {
    try {
      await work;
      return true;
    } catch (error) {
      for (const { name } of group) failed.push({ name, error });
      return false;
    }
  };
  await Promise.all(
    Array.from(byController(drives), async ([, group]) => {
      const isTold = await attempt(group, tellStop(group, {}));
      await Promise.all(group.map((drive) => attempt([drive], isTold ? drive.settle({}) : drive.read({}))));
    }),
  );
  if (failed.length === 0) return;
  const names = drives.map(({ name }) => name).filter((name) => failed.some((failure) => failure.name === name));
  throw new AxisStopError(names, cause, [...new Set(failed.map(({ error }) => error))]);
}
