import { ArgumentError } from "@beamtime/errors";
import { Axis } from "@beamtime/motion";

/** Pairs of axis and number, as `mv` takes them. @throws ArgumentError that shows how it is meant */
export function axisPairs(command: string, values: readonly unknown[]): [Axis, number][] {
  const usage = `${command} takes pairs of axis and number: ${command}(roby, 1.5, robz, 2)`;
  if (values.length === 0 || values.length % 2 !== 0) throw new ArgumentError("pairs", usage);
  return Array.from({ length: values.length / 2 }, (_, index) => {
    const [axis, value] = values.slice(2 * index, 2 * index + 2);
    if (!(axis instanceof Axis)) throw new ArgumentError("axis", `${String(axis)} is not an axis: ${usage}`);
    if (typeof value !== "number") {
      throw new ArgumentError("position", `${axis.name} cannot go to ${String(value)}: ${usage}`);
    }
    return [axis, value];
  });
}

/** Axes alone; `all` where none is named. @throws ArgumentError that shows how it is meant */
export function axesOf(command: string, values: readonly unknown[], all?: readonly Axis[]): readonly Axis[] {
  if (values.length === 0 && all) return all;
  const axes = values.filter((value) => value instanceof Axis);
  if (axes.length === values.length && axes.length > 0) return axes;
  const usage = `${command} takes ${all ? "axes, or nothing for all of them" : "one axis or more"}: ${command}(roby, robz)`;
  throw new ArgumentError("axes", usage);
}
