import { ArgumentError } from "@beamtime/errors";
import type { Axis } from "@beamtime/motion";

const lengths: Readonly<Record<string, number>> = { m: 1, mm: 1e-3, um: 1e-6, µm: 1e-6, μm: 1e-6, nm: 1e-9 };
const degree = Math.PI / 180;
const angles: Readonly<Record<string, number>> = {
  rad: 1,
  mrad: 1e-3,
  urad: 1e-6,
  µrad: 1e-6,
  μrad: 1e-6,
  deg: degree,
  "°": degree,
};

/** Metres per unit of an axis; an axis without a unit has metres. @throws ArgumentError when it is no length */
export function metresOf(axis: Pick<Axis, "name" | "unit">): number {
  return factorOf(axis, lengths, "m");
}

/** Radians per unit of an axis. @param otherwise the unit of an axis without one @throws ArgumentError when it is no angle */
export function radiansOf(axis: Pick<Axis, "name" | "unit">, otherwise: "rad" | "deg" = "rad"): number {
  return factorOf(axis, angles, otherwise);
}

function factorOf(
  { name, unit }: Pick<Axis, "name" | "unit">,
  factors: Readonly<Record<string, number>>,
  otherwise: string,
): number {
  const key = unit ?? otherwise;
  const factor = Object.hasOwn(factors, key) ? factors[key] : undefined;
  if (factor !== undefined) return factor;
  const known = Object.keys(factors).join(", ");
  throw new ArgumentError("unit", `unit of ${name} is ${key}; expected one of ${known}`);
}
