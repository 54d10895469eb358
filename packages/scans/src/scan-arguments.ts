import { type Counter, type CounterSource, resolveCounters } from "@beamtime/counters";
import { ArgumentError } from "@beamtime/errors";
import { Axis, AxisLimitError } from "@beamtime/motion";
import type { ScanContext } from "./scan-context.js";
import { valueText } from "./value-text.js";

/** The arguments of one scan command, checked one after the other; the messages name command and argument. */
export class ScanArguments {
  readonly #command: string;
  readonly #values: readonly unknown[];
  #next = 0;

  constructor(command: string, values: readonly unknown[]) {
    this.#command = command;
    this.#values = values;
  }

  axis(name: string): Axis {
    const value = this.#take();
    if (value instanceof Axis) return value;
    throw this.#error(name, value, "an axis");
  }

  /** A finite number. */
  position(name: string): number {
    const value = this.#take();
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw this.#error(name, value, "a finite number");
  }

  /** A position that `axis` may go to, in user units; `origin` is added to what was given. */
  target(name: string, axis: Axis, origin = 0): number {
    return this.#allowed(name, this.position(name), axis, origin);
  }

  /** Positions that `axis` may go to, in user units. */
  targets(name: string, axis: Axis): Float64Array {
    const value = this.#take();
    if (!isList(value) || value.length === 0) throw this.#error(name, value, "a list of positions, at least one");
    return Float64Array.from(value, (position, index) => {
      const given = new ScanArguments(this.#command, [position]);
      return given.target(`${name}[${index}]`, axis);
    });
  }

  /** A list of lists, as `[[axis, start, stop], …]`: the arguments of each, in their order. */
  lists(name: string, expected: string): readonly ScanArguments[] {
    const value = this.#take();
    if (!Array.isArray(value) || value.length === 0) throw this.#error(name, value, expected);
    return value.map((item: unknown, index) => {
      if (!Array.isArray(item)) throw this.#error(`${name}[${index}]`, item, expected);
      return new ScanArguments(this.#command, item);
    });
  }

  #allowed(name: string, given: number, axis: Axis, origin: number): number {
    const position = origin + given;
    try {
      axis.checkLimits(position); // the master checks the way of all axes together
      return position;
    } catch (cause) {
      if (!(cause instanceof AxisLimitError)) throw cause;
      const unit = axis.unit ? ` ${axis.unit}` : "";
      const where = origin === 0 ? `${given}${unit}` : `${given}${unit}, which leads to ${position}${unit}`;
      const allowed = `a position from ${cause.limits.join(" to ")}${unit}, the limits of ${axis.name}`;
      throw new ArgumentError(name, `${this.#command}: ${name} is ${where}; expected ${allowed}`, { cause });
    }
  }

  /** Number of intervals; there is one point more. */
  intervals(name: string): number {
    return this.#integer(name, 1, "an integer, 1 or more (the points are one more)");
  }

  /** Number of points, `least` or more. */
  npoints(name: string, least: 0 | 1): number {
    return this.#integer(name, least, least === 0 ? "an integer, 0 for endless or more" : "an integer, 1 or more");
  }

  /** Seconds, more than 0. */
  duration(name: string, expected: string): number {
    const value = this.#take();
    if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
    throw this.#error(name, value, expected);
  }

  /** Seconds; `fallback` where the argument may be left out. */
  countTime(fallback?: number): number {
    const isGiven = this.#next < this.#values.length && typeof this.#values[this.#next] !== "object";
    if (!isGiven && fallback !== undefined) return fallback;
    return expectSeconds(this.#command, "countTime", this.#take());
  }

  /** Everything that is left: counters, controllers, groups; those of the context when there is none. */
  counters(context: ScanContext): readonly Counter[] {
    // resolveCounters names what is no source of counters
    const rest = this.#values.slice(this.#next) as readonly CounterSource[];
    return resolveCounters(rest.length > 0 ? rest : context.defaultCounters());
  }

  #integer(name: string, least: number, expected: string): number {
    const value = this.#take();
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
    throw this.#error(name, value, expected);
  }

  #take(): unknown {
    return this.#values[this.#next++];
  }

  #error(name: string, value: unknown, expected: string): ArgumentError {
    return argumentError(this.#command, name, value, expected);
  }
}

/** Checks a duration. @throws ArgumentError */
export function expectSeconds(command: string, name: string, value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value) && value >= 0) return value;
  throw argumentError(command, name, value, "seconds, 0 or more");
}

/** Checks a choice; undefined is none. @throws ArgumentError */
export function expectOneOf<T extends string | boolean>(
  command: string,
  name: string,
  value: unknown,
  choices: readonly T[],
): T | undefined {
  const found = choices.find((choice) => choice === value);
  if (value === undefined || found !== undefined) return found;
  throw argumentError(command, name, value, choices.map((choice) => `${choice}`).join(" or "));
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value);
}

function argumentError(command: string, name: string, value: unknown, expected: string): ArgumentError {
  return new ArgumentError(name, `${command}: ${name} is ${valueText(value)}; expected ${expected}`);
}
