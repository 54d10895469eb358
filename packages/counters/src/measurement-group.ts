import { ArgumentError, errorMessage } from "@beamtime/errors";
import type { Counter } from "./counter.js";
import type { MeasurementGroupStore } from "./measurement-group-store.js";

export interface MeasurementGroupOptions {
  /** Groups whose counters follow the group's own. */
  readonly include?: readonly MeasurementGroup[] | undefined;
  /** Where states are kept. Default: nowhere. */
  readonly store?: MeasurementGroupStore | undefined;
  /** Hears when the store fails; the group works on. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

const defaultState = "default";

/**
 * An ordered set of counters that are counted by default, each of them enabled or not. It has named states, each with
 * disabled counters of its own.
 *
 * @example
 * const group = new MeasurementGroup("align", [diode, diode2, temperature]);
 * group.disable("diode*");
 * group.counters; // [temperature]
 * await group.switchState("all"); // a new one, in which every counter is enabled
 *
 * @see BLISS `bliss/common/measurementgroup.py`, class `MeasurementGroup`
 */
export class MeasurementGroup {
  readonly name: string;
  readonly #available: readonly Counter[];
  readonly #options: MeasurementGroupOptions;
  /** Full names, also of counters that are not there today. */
  #disabled: ReadonlySet<string> = new Set();
  #state = defaultState;
  #isSaved = true;
  #saving: Promise<void> | undefined;

  constructor(name: string, counters: readonly Counter[], options: MeasurementGroupOptions = {}) {
    if (!name) throw new ArgumentError("name", "a measurement group needs a name");
    this.name = name;
    this.#options = options;
    const included = (options.include ?? []).flatMap(({ available }) => available);
    this.#available = [...new Set([...counters, ...included])];
  }

  /** Those that scans take: the enabled ones, in order. */
  get counters(): readonly Counter[] {
    return this.#available.filter((counter) => !this.#disabled.has(counter.fullname));
  }

  /** Enabled or not, in order. */
  get available(): readonly Counter[] {
    return this.#available;
  }

  /** Name of the state in use. */
  get state(): string {
    return this.#state;
  }

  /** Takes up the state and the disabled counters that are kept, as another process may have left them. */
  async load(): Promise<void> {
    const { store } = this.#options;
    if (!store) return;
    await this.saved();
    try {
      this.#state = (await store.getText(this.name)) ?? defaultState;
      this.#disabled = new Set(await store.getList(this.#key(this.#state)));
    } catch (error) {
      this.#warn("read", error);
    }
  }

  /** Names of all states. */
  async states(): Promise<readonly string[]> {
    const kept = (await this.#options.store?.getList(`${this.name}:MG_states`)) ?? [];
    return [...new Set([defaultState, ...kept, this.#state])];
  }

  /** Uses another state, made when it is new: every counter is enabled then. */
  async switchState(state: string): Promise<void> {
    if (!state || state === "MG_states") {
      throw new ArgumentError("state", `'${state}' is no name of a state of ${this.name}; expected another text`);
    }
    await this.saved();
    const { store } = this.#options;
    const states = await this.states();
    const disabled = new Set(await store?.getList(this.#key(state)));
    if (!states.includes(state)) await store?.setList(`${this.name}:MG_states`, [...states, state]);
    await store?.setText(this.name, state);
    this.#state = state;
    this.#disabled = disabled;
  }

  /**
   * @param patterns names or full names, with `*` for any text and `?` for any character
   * @throws ArgumentError when a pattern finds no counter; nothing is changed then
   */
  enable(...patterns: readonly string[]): void {
    const found = this.#find(patterns);
    this.#change([...this.#disabled].filter((fullname) => !found.includes(fullname)));
  }

  /** As `enable`, the other way. */
  disable(...patterns: readonly string[]): void {
    this.#change([...this.#disabled, ...this.#find(patterns)]);
  }

  /** Resolves when what is disabled is in the store, or was given up. */
  async saved(): Promise<void> {
    while (this.#saving) await this.#saving;
  }

  /** Its state, and which counters are enabled, as BLISS shows it. */
  toString(): string {
    const named = (isEnabled: boolean): string[] =>
      this.#available
        .filter(({ fullname }) => this.#disabled.has(fullname) !== isEnabled)
        .map(({ name, alias }) => alias ?? name);
    const columns = [
      ["Enabled", "-------", ...named(true)],
      ["Disabled", "--------", ...named(false)],
    ] as const;
    const width = Math.max(...columns[0].map((name) => name.length));
    const rows = columns[0].length > columns[1].length ? columns[0] : columns[1];
    const lines = rows.map((_, row) =>
      `  ${(columns[0][row] ?? "").padEnd(width)}  ${columns[1][row] ?? ""}`.trimEnd(),
    );
    return [`MeasurementGroup: ${this.name} (state='${this.#state}')`, ...lines].join("\n");
  }

  #change(disabled: readonly string[]): void {
    this.#disabled = new Set(disabled);
    if (!this.#options.store) return;
    this.#isSaved = false;
    this.#saving ??= this.#save(this.#options.store);
  }

  async #save(store: MeasurementGroupStore): Promise<void> {
    while (!this.#isSaved) {
      this.#isSaved = true;
      try {
        await store.setList(this.#key(this.#state), [...this.#disabled]);
      } catch (error) {
        this.#warn("saved", error);
      }
    }
    this.#saving = undefined;
  }

  #warn(what: string, error: unknown): void {
    this.#options.onWarning?.(`the states of ${this.name} cannot be ${what}: ${errorMessage(error)}`);
  }

  #key(state: string): string {
    return `${this.name}:${state}`;
  }

  #find(patterns: readonly string[]): string[] {
    return patterns.flatMap((pattern) => {
      const matches = wildcard(pattern);
      const found = this.#available.filter(
        ({ name, alias, fullname }) => matches(name) || matches(fullname) || (alias !== undefined && matches(alias)),
      );
      if (found.length > 0) return found.map(({ fullname }) => fullname);
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
