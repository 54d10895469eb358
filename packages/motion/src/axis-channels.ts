import type { Clock } from "@beamtime/concurrency";
import type { LiveValue, LiveValues } from "@beamtime/core";
import { axisStateObject, type PickleInput, type PlainValue, pyFloat } from "@beamtime/protocol";
import type { AxisFields } from "./axis-fields.js";
import { AxisState } from "./axis-state.js";

/** Seconds between two tellings of a moving axis. */
const pause = 0.02;

/** Fields that others may change; `position` follows from the others. */
const fieldNames = [
  "sign",
  "offset",
  "backlash",
  "steps_per_unit",
  "low_limit",
  "high_limit",
  "velocity",
  "velocity_low_limit",
  "velocity_high_limit",
  "acceleration",
  "jog_velocity",
  "dial_position",
  "position",
  "_set_position",
  "state",
  "move_stop",
] as const;

/** Fields that are new all the time while the axis moves. */
const places: ReadonlySet<AxisChannelName> = new Set(["dial_position", "position"]);

/** What other processes tell of an axis. */
export type AxisChannelName = (typeof fieldNames)[number];

export interface AxisChannelsOptions {
  readonly axis: string;
  readonly live: LiveValues;
  readonly clock: Clock;
  /** Resolves when what is kept is in the store, which others read when they are told. */
  readonly saved: () => Promise<void>;
  readonly onChange: (field: AxisChannelName, value: PlainValue) => void;
}

/**
 * An axis as all processes of a beamline see it, live.
 *
 * @see BLISS `bliss/common/axis.py`: the channels `axis.<name>.<setting>`
 */
export class AxisChannels {
  readonly #options: AxisChannelsOptions;
  readonly #values = new Map<AxisChannelName, LiveValue>();
  /** What all know, as text. */
  readonly #told = new Map<AxisChannelName, string>();
  /** What somebody has had a value for, so that None is one too. */
  readonly #used = new Set<AxisChannelName>();
  /** What is to be told, and since when it is so, on the clock. */
  readonly #pending = new Map<AxisChannelName, { readonly content: PickleInput; readonly since: number }>();
  #telling: Promise<void> | undefined;
  #hurry = new AbortController();

  constructor(options: AxisChannelsOptions) {
    this.#options = options;
    const { axis, live, onChange } = options;
    for (const field of fieldNames) {
      const heard = (value: PlainValue): void => {
        this.#told.set(field, textOf(value));
        this.#pending.delete(field);
        // a process that does not use the axis yet has None everywhere
        if (value !== null) this.#used.add(field);
        if (this.#used.has(field)) onChange(field, value);
      };
      this.#values.set(field, live.join(`axis.${axis}.${field}`, heard));
    }
  }

  /** What others can find in the store need not be told, and must not be: one of them may know better by now. */
  assume(fields: AxisFields, velocityLimits: readonly [number, number], state: AxisState): void {
    this.tell(fields, velocityLimits, state);
    this.#pending.clear();
  }

  /** Tells soon what is new. */
  tell(fields: AxisFields, velocityLimits: readonly [number, number], state: AxisState): void {
    for (const [field, value] of Object.entries(fields)) {
      const content = field === "sign" ? value : pyFloat(value);
      this.#add(field as AxisChannelName, String(value), content); // the fields are named as the channels
    }
    const [low, high] = velocityLimits;
    this.#add("velocity_low_limit", String(low), low > 0 ? pyFloat(low) : null);
    this.#add("velocity_high_limit", String(high), Number.isFinite(high) ? pyFloat(high) : null);
    this.#add("state", state.toString(), axisStateObject(state.flags));
    if (this.#pending.size > 0) this.#telling ??= this.#tellPending();
  }

  /** A move begins: whatever stop was asked for before does not mean it. */
  clearStop(): void {
    if (this.#told.get("move_stop") === "false") return;
    this.#told.set("move_stop", "false");
    this.#values.get("move_stop")?.publish(false);
  }

  /** Asks the process that moves the axis to stop it. */
  requestStop(): void {
    this.#told.set("move_stop", "true");
    this.#values.get("move_stop")?.publish(true);
  }

  /** Resolves when everything is told. */
  async told(): Promise<void> {
    while (this.#telling) await this.#telling;
  }

  #add(field: AxisChannelName, text: string, content: PickleInput): void {
    if (this.#told.get(field) === text) return;
    this.#told.set(field, text);
    this.#pending.set(field, { content, since: this.#options.clock.now() });
    // nobody shall think it moves when it has arrived, nor change a setting of before meanwhile
    if (!places.has(field)) this.#hurry.abort();
  }

  async #tellPending(): Promise<void> {
    while (this.#pending.size > 0) {
      await this.#options.saved();
      const contents = [...this.#pending];
      this.#pending.clear();
      // the state last: who waits for the end of a move then has its position
      contents.sort(([a], [b]) => Number(a === "state") - Number(b === "state"));
      for (const [field, { content, since }] of contents) {
        this.#used.add(field);
        this.#values.get(field)?.publish(content, this.#options.clock.now() - since);
      }
      if (this.#hurry.signal.aborted) this.#hurry = new AbortController();
      await this.#options.clock.sleep(pause, { signal: this.#hurry.signal }).catch(() => {});
    }
    this.#telling = undefined;
  }
}

function textOf(value: PlainValue): string {
  if (Array.isArray(value)) return new AxisState(value.filter((flag) => typeof flag === "string")).toString();
  return typeof value === "object" ? "" : String(value);
}
