import { ArgumentError } from "@beamtime/errors";
import type { Counter } from "./counter.js";

/**
 * An ordered set of counters that are counted by default, each of them enabled or not.
 *
 * @example
 * const group = new MeasurementGroup("align", [diode, diode2, temperature]);
 * group.disable("diode*");
 * group.counters; // [temperature]
 *
 * @see BLISS `bliss/common/measurementgroup.py`, class `MeasurementGroup`
 */
export class MeasurementGroup {
  readonly name: string;
  readonly #available: readonly Counter[];
  readonly #disabled = new Set<Counter>();

  constructor(name: string, counters: readonly Counter[]) {
    if (!name) throw new ArgumentError("name", "a measurement group needs a name");
    this.name = name;
    this.#available = [...new Set(counters)];
  }

  /** Those that scans take: the enabled ones, in order. */
  get counters(): readonly Counter[] {
    return this.#available.filter((counter) => !this.#disabled.has(counter));
  }

  /** Enabled or not, in order. */
  get available(): readonly Counter[] {
    return this.#available;
  }

  /**
   * @param patterns names or full names, with `*` for any text and `?` for any character
   * @throws ArgumentError when a pattern finds no counter; nothing is changed then
   */
  enable(...patterns: readonly string[]): void {
    for (const counter of this.#find(patterns)) this.#disabled.delete(counter);
  }

  /** As `enable`, the other way. */
  disable(...patterns: readonly string[]): void {
    for (const counter of this.#find(patterns)) this.#disabled.add(counter);
  }

  #find(patterns: readonly string[]): Counter[] {
    return patterns.flatMap((pattern) => {
      const matches = wildcard(pattern);
      const found = this.#available.filter(
        ({ name, alias, fullname }) => matches(name) || matches(fullname) || (alias !== undefined && matches(alias)),
      );
      if (found.length > 0) return found;
      const names = this.#available.map(({ name }) => name).join(", ");
      throw new ArgumentError("patterns", `${this.name} has no counter '${pattern}': expected one of ${names}`);
    });
  }
}

function wildcard(pattern: string): (text: string) => boolean {
  const literal = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  const expression = new RegExp(`^${literal.replaceAll("*", ".*").replaceAll("?", ".")}$`);
  return (text) => expression.test(text);
}
