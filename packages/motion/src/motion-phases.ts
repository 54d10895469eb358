import type { Axis } from "./axis.js";
import type { AxisDrive } from "./axis-drive.js";

/**
 * What of a motion may go at the same time: axes whose calculation depends on where others of the motion stand go when those
 * have arrived.
 */
export function motionPhases<T extends { readonly drive: AxisDrive }>(legs: readonly T[]): readonly (readonly T[])[] {
  const phases: (readonly T[])[] = [];
  for (let left = legs; left.length > 0; ) {
    const free = left.filter((leg) => !left.some((other) => other !== leg && dependsOn(leg, other)));
    const phase = free.length > 0 ? free : left;
    phases.push(phase);
    left = left.filter((leg) => !phase.includes(leg));
  }
  return phases;
}

/** Whether a calculation takes an axis that another one moves as a parameter. */
function dependsOn<T extends { readonly drive: AxisDrive }>(leg: T, other: T): boolean {
  const moved = new Set<Axis>(withReals(other.drive.axis));
  return parametersOf(leg.drive.axis).some((parameter) => withReals(parameter).some((axis) => moved.has(axis)));
}

function withReals(axis: Axis): readonly Axis[] {
  return [axis, ...axis.realAxes];
}

function parametersOf({ controller }: Axis): readonly Axis[] {
  return [...(controller.parameterAxes ?? []), ...(controller.realAxes ?? []).flatMap(parametersOf)];
}
