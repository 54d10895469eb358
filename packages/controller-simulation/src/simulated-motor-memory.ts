import type { SettingsStore } from "@beamtime/core";
import { type ControllerCallOptions, KeptSettings } from "@beamtime/motion";
import type { SimulatedMotor } from "./simulated-motor.js";

const positionField = "hw_position";

/** Seconds after which it is kept again where a motor is that goes on and on. */
const keepTime = 0.5;

/** Where a motor stays over restarts: the value `motor_mockup:<address>:hw_position` in steps, which is that of BLISS's mockups. */
export class SimulatedMotorMemory {
  readonly #kept: KeptSettings;
  #keptAt = Number.NEGATIVE_INFINITY;

  constructor(address: string, store: SettingsStore, onWarning: ((message: string) => void) | undefined) {
    const owner = `motor_mockup:${address}`;
    const name = `${owner}:${positionField}`;
    const values: Pick<SettingsStore, "load" | "save"> = {
      async load() {
        const position = await store.loadValue(name);
        return new Map(position === undefined ? [] : [[positionField, position]]);
      },
      save: (_owner, _field, position) => store.saveValue(name, position ?? 0),
    };
    this.#kept = new KeptSettings({ owner, store: values, onWarning });
  }

  /** Where a process has left it, in steps. */
  async recall(options: ControllerCallOptions): Promise<number | undefined> {
    const position = (await this.#kept.load(options)).get(positionField);
    return typeof position === "number" && Number.isFinite(position) ? position : undefined;
  }

  /** Keeps where the motor will stand: a process that ends meanwhile leaves it there, as real motors go on. */
  keep({ restPosition }: SimulatedMotor): void {
    if (Number.isFinite(restPosition)) this.#kept.keep({ [positionField]: restPosition });
  }

  /** Keeps now and then where a motor is that does not come to a stand by itself. */
  keepOnTheWay(motor: SimulatedMotor, now: number): void {
    if (Number.isFinite(motor.restPosition) || now - this.#keptAt < keepTime) return;
    this.#keptAt = now;
    this.#kept.keep({ [positionField]: motor.positionAt(now) });
  }

  /** Resolves when everything is in the store, or was given up. */
  saved(): Promise<void> {
    return this.#kept.saved();
  }
}
