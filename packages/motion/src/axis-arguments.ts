import { ArgumentError } from "@beamtime/errors";
import type { SearchDirection } from "./motor-controller.js";

/** @throws ArgumentError */
export function checkFinite(axis: string, argument: string, value: number): void {
  if (!Number.isFinite(value)) {
    throw new ArgumentError(argument, `${argument} of ${axis} is ${value}; expected a finite number`);
  }
}

/** @throws ArgumentError */
export function checkPositive(axis: string, argument: string, value: number): void {
  if (!(value > 0) || !Number.isFinite(value)) {
    throw new ArgumentError(argument, `${argument} of ${axis} is ${value}; expected a positive number`);
  }
}

/** @throws ArgumentError */
export function checkNotNegative(axis: string, argument: string, value: number): void {
  if (!(value >= 0) || !Number.isFinite(value)) {
    throw new ArgumentError(argument, `${argument} of ${axis} is ${value}; expected a finite number of at least 0`);
  }
}

/** How far a position may be from another that it was calculated from, there and back. */
export function roundingAt(position: number): number {
  return 1e-9 * Math.max(1, Math.abs(position));
}

/** Two limits, from a prompt perhaps. @throws ArgumentError */
export function checkPair(axis: string, argument: string, limits: readonly [number, number]): void {
  if (Array.isArray(limits) && limits.length === 2 && limits.every((limit) => typeof limit === "number")) return;
  throw new ArgumentError(argument, `${argument} of ${axis} are ${String(limits)}; expected two numbers: [low, high]`);
}

/** @throws ArgumentError */
export function checkDirection(axis: string, direction: SearchDirection): void {
  if (direction === 1 || direction === -1) return;
  throw new ArgumentError("direction", `direction of ${axis} is ${String(direction)}; expected 1 or -1`);
}

/** What others, or earlier processes, have left may not fit the limits of now: it is then left alone. */
export function unlessRefused(change: () => void): void {
  try {
    change();
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
  }
}

/** A lower limit of a velocity; none is infinite in BLISS. */
export function lowestVelocity<T extends number | undefined>(limit: T): T | 0 {
  return limit === Number.POSITIVE_INFINITY ? 0 : limit;
}
