import { abortable } from "@beamtime/concurrency";
import type { SettingsStore, SettingValue } from "@beamtime/core";
import { errorMessage } from "@beamtime/errors";

export interface KeptSettingsOptions {
  /** Whose they are in the store: `axis.roby`. */
  readonly owner: string;
  readonly store: Pick<SettingsStore, "load" | "save">;
  /** Hears of the first failure after a success. Default: nobody does. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/**
 * What a device keeps beyond the process, saved in the background so that nothing waits for the store. While a save is
 * under way only the newest value of each field waits for the next.
 */
export class KeptSettings {
  readonly #options: KeptSettingsOptions;
  readonly #pending = new Map<string, SettingValue>();
  /** What the store has, as far as is known: this is not saved again, as another process may have changed it since. */
  readonly #known = new Map<string, SettingValue>();
  #saving: Promise<void> | undefined;
  #isFailing = false;

  constructor(options: KeptSettingsOptions) {
    this.#options = options;
  }

  /** What is in the store; nothing when it cannot be read, of which `onWarning` hears. @throws the reason of an aborted signal */
  async load({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<ReadonlyMap<string, SettingValue>> {
    const { owner, store } = this.#options;
    await abortable(this.saved(), signal);
    try {
      const stored = await abortable(store.load(owner), signal);
      for (const [field, value] of stored) this.#known.set(field, value);
      return stored;
    } catch (error) {
      signal?.throwIfAborted();
      this.#warn("read", error);
      return new Map();
    }
  }

  /** Saves soon what is new among the values. */
  keep(values: Readonly<Record<string, SettingValue>>): void {
    for (const [field, value] of Object.entries(values)) {
      if (this.#known.get(field) === value) continue;
      this.#known.set(field, value);
      this.#pending.set(field, value);
    }
    if (this.#pending.size > 0) this.#saving ??= this.#save();
  }

  /** The store may have another value of a field by now: the next one that is kept is saved, whatever it is. */
  forget(field: string): void {
    if (!this.#pending.has(field)) this.#known.delete(field);
  }

  /** Resolves when everything kept so far is in the store, or was given up. */
  async saved(): Promise<void> {
    while (this.#saving) await this.#saving;
  }

  async #save(): Promise<void> {
    const { owner, store } = this.#options;
    while (this.#pending.size > 0) {
      const fields = [...this.#pending.keys()];
      const saves = Array.from(this.#pending, ([field, value]) => store.save(owner, field, value));
      this.#pending.clear();
      const failed = (await Promise.allSettled(saves)).find((outcome) => outcome.status === "rejected");
      if (failed) {
        for (const field of fields) this.#known.delete(field);
        this.#warn("saved", failed.reason);
      } else this.#isFailing = false;
    }
    this.#saving = undefined;
  }

  #warn(what: string, error: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#options.onWarning?.(`the settings of ${this.#options.owner} cannot be ${what}: ${errorMessage(error)}`);
  }
}
