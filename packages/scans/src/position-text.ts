import type { Axis } from "@beamtime/motion";

/** A position as titles show it: as many decimals as the tolerance of the axis has. */
export function positionText(axis: Axis, position: number): string {
  const decimals = axis.tolerance > 0 ? Math.ceil(-Math.log10(axis.tolerance) - 1e-9) : 4;
  return position.toFixed(Math.min(Math.max(decimals, 0), 12));
}
