import { ArgumentError } from "@beamtime/errors";
import type { Axis } from "./axis.js";
import { byController } from "./drive-groups.js";

/**
 * Checks positions that axes pass together, one after the other, without moving: each against the limits of its axis, and
 * all of them by their controllers, which know what an axis alone does not.
 *
 * @param positions in user units; as many for each axis
 * @throws AxisLimitError, or another AxisError of a controller
 * @throws ArgumentError for a position that is not a finite number
 */
export function checkTrajectory(positions: readonly (readonly [Axis, ArrayLike<number>])[]): void {
  const byDrive = new Map(positions.map(([axis, list]) => [axis.drive, list]));
  for (const [drive, list] of byDrive) {
    for (let i = 0; i < list.length; i++) drive.coordinates.check(list[i] ?? Number.NaN);
  }
  if (new Set(positions.map(([, list]) => list.length)).size > 1) {
    throw new ArgumentError("positions", "axes that move together have different numbers of positions");
  }
  for (const [controller, drives] of byController([...byDrive.keys()])) {
    controller.checkPositions?.(
      new Map(
        drives.map((drive) => [
          drive.address,
          Float64Array.from(byDrive.get(drive) ?? [], (position) => drive.stepsAt(position)),
        ]),
      ),
    );
  }
}
