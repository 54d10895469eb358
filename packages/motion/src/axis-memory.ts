import type { SettingsStore, SettingValue } from "@beamtime/core";
import type { AxisDrive } from "./axis-drive.js";
import { KeptSettings } from "./kept-settings.js";
import type { ControllerCallOptions } from "./motor-controller.js";

/** What an earlier process left of an axis; undefined where it left nothing that can be used. */
export interface RecalledAxis {
  readonly sign: 1 | -1 | undefined;
  readonly offset: number | undefined;
  readonly backlash: number | undefined;
  readonly dialLimits: readonly [number | undefined, number | undefined];
  readonly velocity: number | undefined;
  readonly acceleration: number | undefined;
  readonly stepsPerUnit: number | undefined;
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
    if (!stored.has("velocity_low_limit")) this.#kept.keep({ velocity_low_limit: "None", velocity_high_limit: "None" });
    return {
      sign: sign === 1 || sign === -1 ? sign : undefined,
      offset: finite(number("offset")),
      backlash: finite(number("backlash")),
      dialLimits: [number("low_limit"), number("high_limit")],
      velocity: positive(number("velocity")),
      acceleration: positive(number("acceleration")),
      stepsPerUnit: finite(number("steps_per_unit")) || undefined,
    };
  }

  /** Keeps what has changed since the last time. */
  remember(drive: AxisDrive): void {
    const { coordinates, position } = drive;
    const [low, high] = coordinates.dialLimits;
    this.#kept.keep({
      // the others are floats, which stores write as such
      sign: String(coordinates.sign),
      offset: coordinates.offset,
      backlash: drive.backlash,
      steps_per_unit: drive.stepsPerUnit,
      low_limit: low,
      high_limit: high,
      velocity: drive.velocity,
      acceleration: drive.acceleration,
      dial_position: coordinates.toDial(position) + 0, // not -0
      position,
      _set_position: drive.setPoint,
    });
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
