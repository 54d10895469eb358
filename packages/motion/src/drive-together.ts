import { TaskGroup } from "@beamtime/concurrency";
import { ArgumentError } from "@beamtime/errors";
import type { AxisDrive } from "./axis-drive.js";
import { AxisMovingError } from "./axis-error.js";
import type { ControllerCallOptions, MotorController } from "./motor-controller.js";

/** One axis and the position it goes to. */
export interface Leg {
  readonly drive: AxisDrive;
  readonly to: number;
}

/** Moves axes at the same time: see `moveTogether`, which is this for users. */
export async function driveTogether(legs: readonly Leg[], { signal }: ControllerCallOptions): Promise<void> {
  signal?.throwIfAborted();
  const drives = legs.map(({ drive }) => drive);
  check(legs, drives);
  for (const drive of drives) {
    drive.idle.close();
    drive.stopRequested = false;
  }
  try {
    for (const drive of drives) if (!drive.isInitialized) await drive.initialize({ signal });
    const last: Leg[] = [];
    const first = legs.map((leg) => {
      const detour = leg.drive.detourTo(leg.to);
      if (detour === undefined) return leg;
      leg.drive.coordinates.check(detour);
      last.push(leg);
      return { drive: leg.drive, to: detour };
    });
    await go(first, signal);
    if (last.length > 0) await go(last, signal);
  } catch (error) {
    await halt(drives, error);
    throw error;
  } finally {
    for (const drive of drives) {
      drive.remember();
      drive.idle.open();
    }
  }
}

function check(legs: readonly Leg[], drives: readonly AxisDrive[]): void {
  legs.forEach(({ drive, to }, index) => {
    drive.coordinates.check(to);
    if (drives.indexOf(drive) !== index) {
      throw new ArgumentError("targets", `${drive.name} is given twice: expected each axis once`);
    }
    if (!drive.idle.isOpen) throw new AxisMovingError(drive.name);
  });
}

async function go(legs: readonly Leg[], signal: AbortSignal | undefined): Promise<void> {
  for (const { drive, to } of legs) drive.setPoint = to;
  const drives = legs.map(({ drive }) => drive);
  await forEach([...byController(drives)], signal, ([controller, group], options) =>
    controller.startMove(
      group.map((drive) => drive.motion()),
      options,
    ),
  );
  await forEach(drives, signal, (drive, options) => drive.arrive(options));
}

/** Runs a task for each item; the first failure aborts the others. A single one, the usual case, needs no group. */
async function forEach<T>(
  items: readonly T[],
  signal: AbortSignal | undefined,
  task: (item: T, options: ControllerCallOptions) => Promise<void>,
): Promise<void> {
  const [first] = items;
  if (first !== undefined && items.length === 1) return task(first, { signal });
  await TaskGroup.run({ signal }, (group) => {
    for (const item of items) void group.spawn((inner) => task(item, { signal: inner }));
  });
}

/** Stops all of them, whatever was moving, and waits until they stand. @throws AggregateError when that fails too */
async function halt(drives: readonly AxisDrive[], cause: unknown): Promise<void> {
  const stops = Array.from(byController(drives), ([controller, together]) =>
    controller.stop(together.map(({ address }) => address)),
  );
  const stopped = await Promise.allSettled(stops);
  const settled = await Promise.allSettled(drives.map((drive) => drive.settle({})));
  const failures = [...stopped, ...settled].flatMap((outcome) =>
    outcome.status === "rejected" ? [outcome.reason as unknown] : [],
  );
  if (failures.length > 0) {
    const names = drives.map(({ name }) => name).join(", ");
    throw new AggregateError([cause, ...failures], `the move failed, and so did stopping ${names}`);
  }
}

function byController(drives: readonly AxisDrive[]): Map<MotorController, AxisDrive[]> {
  const groups = new Map<MotorController, AxisDrive[]>();
  for (const drive of drives) {
    const group = groups.get(drive.controller);
    if (group) group.push(drive);
    else groups.set(drive.controller, [drive]);
  }
  return groups;
}
