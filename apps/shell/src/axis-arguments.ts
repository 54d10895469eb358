import { inspect } from "node:util";
import { ArgumentError } from "@beamtime/errors";
import { Axis } from "@beamtime/motion";

/** Pairs of axis and number, as `mv` takes them. @throws ArgumentError that shows how it is meant */
export function axisPairs(command: string, values: readonly unknown[]): [Axis, number][] {
  const usage = `${command} takes pairs of axis and number: ${command}(roby, 1.5, robz, 2)`;
  if (values.length === 0) throw new ArgumentError("pairs", usage);
  return Array.from({ length: Math.ceil(values.length / 2) }, (_, index) => {
    const [axis, value] = values.slice(2 * index, 2 * index + 2);
    if (!(axis instanceof Axis)) throw new ArgumentError("axis", `${textOf(axis)} is not an axis: ${usage}`);
    if (2 * index + 1 === values.length) throw new ArgumentError("pairs", `${axis.name} has no number: ${usage}`);
    if (typeof value !== "number") {
      throw new ArgumentError("position", `${textOf(value)} is not a number for ${axis.name}: ${usage}`);
    }
    return [axis, value];
  });
}

export interface AxesOptions {
  /** Axes that may be given by name. */
  readonly known: readonly Axis[];
  /** What no argument at all stands for. */
  readonly all?: readonly Axis[] | undefined;
}

/** Axes alone. @throws ArgumentError that shows how it is meant */
export function axesOf(command: string, values: readonly unknown[], { known, all }: AxesOptions): readonly Axis[] {
  const usage = `${command} takes ${all ? "axes, or nothing for all of them" : "one axis or more"}: ${command}(roby, robz)`;
  if (values.length === 0) {
    if (all) return all;
    throw new ArgumentError("axes", usage);
  }
  return values.map((value) => {
    const axis = typeof value === "string" ? known.find(({ name }) => name === value) : value;
    if (axis instanceof Axis) return axis;
    throw new ArgumentError("axes", `${textOf(value)} is not an axis: ${usage}`);
  });
}

/** An argument in a few words: a device by its name, and text in quotes. */
function textOf(value: unknown): string {
  const isNamed = typeof value === "object" && value !== null && "name" in value && typeof value.name === "string";
  return isNamed ? String(value.name) : inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY });
}
