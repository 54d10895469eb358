import { ArgumentError } from "@beamtime/errors";
import type { MeasurementGroup } from "./measurement-group.js";
import type { MeasurementGroupStore } from "./measurement-group-store.js";

/** Which measurement group of a session is counted when a scan is given no counters; kept over restarts. */
export class ActiveMeasurementGroup {
  readonly #key: string;
  readonly #groups: readonly MeasurementGroup[];
  readonly #store: MeasurementGroupStore | undefined;
  #current: MeasurementGroup | undefined;

  private constructor(session: string, groups: readonly MeasurementGroup[], store: MeasurementGroupStore | undefined) {
    this.#key = `${session}:active_measurementgroup`;
    this.#groups = groups;
    this.#store = store;
  }

  /** Takes up what was chosen before; else, or when that group is gone, the first one. @throws what the store throws */
  static async open(
    session: string,
    groups: readonly MeasurementGroup[],
    store?: MeasurementGroupStore,
  ): Promise<ActiveMeasurementGroup> {
    const active = new ActiveMeasurementGroup(session, groups, store);
    const chosen = await store?.getText(active.#key);
    active.#current = groups.find(({ name }) => name === chosen) ?? groups[0];
    return active;
  }

  /** Undefined when the session has no group. */
  get current(): MeasurementGroup | undefined {
    return this.#current;
  }

  /** Makes another group the active one. @throws ArgumentError when the session does not have it */
  async choose(name: string): Promise<void> {
    const group = this.#groups.find((other) => other.name === name);
    if (!group) {
      const known = this.#groups.map((other) => other.name).join(", ") || "there is none";
      throw new ArgumentError("name", `there is no measurement group ${name}: expected one of ${known}`);
    }
    await this.#store?.setText(this.#key, name);
    this.#current = group;
  }

  /** The current group, as that one shows itself. */
  toString(): string {
    return this.#current ? String(this.#current) : "no active measurement group";
  }
}
