import { TaskGroup } from "@beamtime/concurrency";
import type { AxisDrive } from "./axis-drive.js";
import type { ControllerCallOptions, MotorController } from "./motor-controller.js";

/** Axes that their controllers can handle together. */
export function byController(drives: readonly AxisDrive[]): Map<MotorController, [AxisDrive, ...AxisDrive[]]> {
  const groups = new Map<MotorController, [AxisDrive, ...AxisDrive[]]>();
  for (const drive of drives) {
    const group = groups.get(drive.controller);
    if (group) group.push(drive);
    else groups.set(drive.controller, [drive]);
  }
  return groups;
}

/** Runs a task for each item; the first failure aborts the others. A single one, the usual case, needs no group. */
export async function forEach<T>(
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
