import type { SettingsStore, SettingValue } from "@beamtime/core";
import { lowestVelocity } from "./axis-arguments.js";
import type { AxisFields } from "./axis-fields.js";
import { KeptSettings } from "./kept-settings.js";
import type { ControllerCallOptions } from "./motor-controller.js";

/** What an earlier process left of an axis; undefined where it left nothing that can be used. */
export interface RecalledAxis {
  readonly sign: 1 | -1 | undefined;
  readonly offset: number | undefined;
  readonly backlash: number | undefined;
  readonly dialLimits: readonly [number | undefined, number | undefined];
  readonly velocity: number | undefined;
  readonly velocityLimits: readonly [number | undefined, number | undefined];
  readonly acceleration: number | undefined;
  readonly jogVelocity: number | undefined;
  readonly stepsPerUnit: number | undefined;
  /** Where it stood, in dial units. */
  readonly dial: number | undefined;
  /** Where it was sent, in user units. */
  readonly setPoint: number | undefined;
}

/** Keeps an axis over restarts, in the fields that BLISS uses and reads too. */
export class AxisMemory {
  readonly #kept: KeptSettings;

  constructor(axis: string, store: SettingsStore, onWarning: ((message: string) => void) | undefined) {
    this.#kept = new KeptSettings({ owner: `axis.${axis}`, store, onWarning });
  }

  async recall(options: ControllerCallOptions): Promise<RecalledAxis> {
    const stored = await this.#kept.load(options);
    const number = (field: string): number | undefined => numberOf(stored.get(field));
    const sign = number("sign");
    return {
      sign: sign === 1 || sign === -1 ? sign : undefined,
      offset: finite(number("offset")),
      backlash: finite(number("backlash")),
      dialLimits: [number("low_limit"), number("high_limit")],
      velocity: positive(number("velocity")),
      velocityLimits: [lowestVelocity(number("velocity_low_limit")), number("velocity_high_limit")],
      acceleration: positive(number("acceleration")),
      jogVelocity: positive(number("jog_velocity")),
      stepsPerUnit: finite(number("steps_per_unit")) || undefined,
      dial: finite(number("dial_position")),
      setPoint: finite(number("_set_position")),
    };
  }

  /** Keeps what has changed since the last time. */
  remember(fields: AxisFields, velocityLimits: readonly [number, number]): void {
    const [low, high] = velocityLimits;
    this.#kept.keep({
      ...fields,
      // the others are floats, which stores write as such
      sign: String(fields["sign"]),
      velocity_low_limit: low > 0 ? low : "None",
      velocity_high_limit: Number.isFinite(high) ? high : "None",
    });
  }

  /** Another process has stored a field: what is known of the store is no longer true. */
  forget(field: string): void {
    this.#kept.forget(field);
  }

  /** Resolves when everything is in the store, or was given up. */
  saved(): Promise<void> {
    return this.#kept.saved();
  }
}

function numberOf(value: SettingValue | undefined): number | undefined {
  if (typeof value === "boolean" || value === undefined || value === "") return undefined;
  const number = Number(typeof value === "string" ? value.replace(/inf(inity)?$/i, "Infinity") : value);
  return Number.isNaN(number) ? undefined : number;
}

function finite(value: number | undefined): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? finite(value) : undefined;
}
