import { ArgumentError } from "@beamtime/errors";

/** More positions than a scan could visit, fewer than memory could hold. */
export const mostPoints = 1e7;

/** Equidistant positions from `start` to `stop`, both exact; a single one is `start`. */
export function linspace(start: number, stop: number, npoints: number): Float64Array {
  if (!Number.isInteger(npoints) || npoints < 1 || npoints > mostPoints) {
    throw new ArgumentError("npoints", `npoints is ${npoints}; expected an integer from 1 to ${mostPoints}`);
  }
  const positions = new Float64Array(npoints);
  const step = npoints > 1 ? (stop - start) / (npoints - 1) : 0;
  for (let i = 0; i < npoints; i++) positions[i] = start + i * step;
  if (npoints > 1) positions[npoints - 1] = stop;
  return positions;
}
