import { ArgumentError } from "@beamtime/errors";

/** Lattice constants of cubic crystals at room temperature, Å. Si: CODATA 2018; Ge and diamond: International Tables. */
const latticeConstants: Readonly<Record<string, number>> = { Si: 5.431020511, Ge: 5.6575, C: 3.567 };

/**
 * Distance of the lattice planes of a cubic crystal, Å: d = a / √(h² + k² + l²).
 *
 * @param name as `Si111` or `Ge(2 2 0)`
 * @throws ArgumentError
 */
export function latticeSpacing(name: string): number {
  const [, element = "", ...indices] = /^([A-Z][a-z]?)\s*\(?\s*(\d)\s*(\d)\s*(\d)\s*\)?$/.exec(name.trim()) ?? [];
  const constant = Object.hasOwn(latticeConstants, element) ? latticeConstants[element] : undefined;
  const length = Math.hypot(...indices.map(Number));
  if (constant !== undefined && length > 0) return constant / length;
  const known = Object.keys(latticeConstants).join(", ");
  throw new ArgumentError("crystal", `crystal is ${name}; expected an element of ${known} and three indices, as Si111`);
}
