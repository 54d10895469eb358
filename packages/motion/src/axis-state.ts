const descriptions = {
  READY: "Axis is READY",
  MOVING: "Axis is MOVING",
  FAULT: "Error from controller",
  LIMPOS: "Hardware high limit active",
  LIMNEG: "Hardware low limit active",
  HOME: "Home signal active",
  OFF: "Axis power is off",
  DISABLED: "Axis cannot move",
} as const;

/** The flags of the end switches. */
export const limitSwitches = ["LIMPOS", "LIMNEG"] as const;

/** The states that every axis knows. */
export type StandardAxisFlag = keyof typeof descriptions;

/** What an axis may be at one instant; several hold together (`READY` on `LIMPOS`). A controller may have flags of its own. */
export type AxisFlag = StandardAxisFlag | (string & Record<never, never>);

/**
 * The flags of an axis at one instant; never changes.
 *
 * @example
 * new AxisState(["READY", ["LIMPOS", "end switch of the granite"]]).toString()
 * // "READY (Axis is READY) | LIMPOS (end switch of the granite)"
 */
export class AxisState {
  /** At rest, nothing unusual. */
  static readonly ready = new AxisState(["READY"]);
  /** On its way. */
  static readonly moving = new AxisState(["MOVING"]);

  readonly #flags: ReadonlyMap<AxisFlag, string>;

  /** @param flags each alone, or with a text that replaces the usual description */
  constructor(flags: Iterable<AxisFlag | readonly [AxisFlag, string]>) {
    const map = new Map<AxisFlag, string>();
    for (const flag of flags) {
      if (typeof flag === "string") map.set(flag, descriptionOf(flag));
      else map.set(flag[0], flag[1]);
    }
    this.#flags = map;
  }

  /** What holds for any of several axes: MOVING as soon as one moves, READY only when all are. */
  static union(states: readonly AxisState[]): AxisState {
    if (states.length === 1 && states[0]) return states[0];
    const flags = new Map<AxisFlag, string>();
    for (const state of states) for (const [flag, text] of state.#flags) flags.set(flag, text);
    if (flags.has("MOVING") || !states.every((state) => state.has("READY"))) flags.delete("READY");
    return new AxisState(flags);
  }

  /** Whether the flag holds. */
  has(flag: AxisFlag): boolean {
    return this.#flags.has(flag);
  }

  /** The text that goes with a flag; `undefined` when the flag does not hold. */
  description(flag: AxisFlag): string | undefined {
    return this.#flags.get(flag);
  }

  /** The flags that hold, with their texts. */
  get flags(): ReadonlyMap<AxisFlag, string> {
    return this.#flags;
  }

  /** The same and one flag more. */
  with(flag: AxisFlag, text: string = descriptionOf(flag)): AxisState {
    return new AxisState([...this.#flags, [flag, text]]);
  }

  /** Whether both hold the same flags with the same texts. */
  equals(other: AxisState): boolean {
    return this === other || this.toString() === other.toString();
  }

  /** `READY (Axis is READY) | LIMPOS (Hardware high limit active)` */
  toString(): string {
    return Array.from(this.#flags, ([flag, text]) => `${flag} (${text})`).join(" | ");
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

function descriptionOf(flag: AxisFlag): string {
  return Object.hasOwn(descriptions, flag) ? descriptions[flag as StandardAxisFlag] : flag;
}
