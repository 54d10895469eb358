import { ArgumentError } from "@beamtime/errors";
import { Counter } from "./counter.js";

/** Anything that holds counters: a controller, a measurement group. */
export interface CounterContainer {
  readonly name: string;
  readonly counters: readonly Counter[];
}

/** What may be given where counters are expected. */
export type CounterSource = Counter | CounterContainer;

/**
 * The counters of anything that has some, in the order given, each once.
 *
 * @throws ArgumentError when something else is among them, or when there is no counter at all
 */
export function resolveCounters(sources: readonly CounterSource[]): readonly Counter[] {
  const counters = new Map<string, Counter>();
  for (const [index, source] of sources.entries()) {
    for (const counter of countersOf(source, index)) {
      if (!counters.has(counter.fullname)) counters.set(counter.fullname, counter);
    }
  }
  if (counters.size === 0) {
    throw new ArgumentError("counters", "No counters for scan. Hint: are all counters disabled ?");
  }
  return [...counters.values()];
}

/** Whether scans can count it. */
export function isCounterSource(value: unknown): value is CounterSource {
  if (value instanceof Counter) return true;
  if (typeof value !== "object" || value === null || !("counters" in value)) return false;
  return Array.isArray(value.counters) && value.counters.every((counter) => counter instanceof Counter);
}

function countersOf(source: unknown, index: number): readonly Counter[] {
  if (source instanceof Counter) return [source];
  if (isCounterSource(source) && "counters" in source) return source.counters;
  throw new ArgumentError(
    "counters",
    `counters[${index}] is ${describe(source)}; expected a counter, a counter controller or a measurement group`,
  );
}

function describe(value: unknown): string {
  if (value === undefined) return "undefined";
  if (typeof value === "object" && value !== null) return `an object of class ${value.constructor?.name ?? "none"}`;
  return typeof value === "string" ? `the text '${value}'` : `a ${typeof value}`;
}
