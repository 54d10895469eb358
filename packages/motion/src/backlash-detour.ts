import type { AxisDrive } from "./axis-drive.js";
import { withUnit } from "./with-unit.js";

/**
 * The position to pass first, so that a move ends in the direction of the backlash; undefined when it does anyway.
 *
 * @throws AxisLimitError when that is beyond the limits
 */
export function backlashDetour({ backlash, coordinates }: AxisDrive, from: number, to: number): number | undefined {
  if (!((to - from) * backlash < 0)) return undefined;
  const detour = to - backlash;
  coordinates.check(detour, `from where its backlash is taken up on the way to ${withUnit(to, coordinates.unit)}`);
  return detour;
}
