/** What a setting may be. */
export type SettingValue = string | number | boolean;

/**
 * Port: small values that outlive a process, grouped by the name of their owner. A session gives a shared store;
 * alone, {@link memorySettings} forgets them at the end.
 */
export interface SettingsStore {
  /** Everything kept for an owner; empty when nothing is. */
  load(owner: string): Promise<ReadonlyMap<string, SettingValue>>;
  /** Keeps one value; null forgets it. Values of one owner reach the store in the order of the calls. */
  save(owner: string, field: string, value: SettingValue | null): Promise<void>;
  /** A value that has a name of its own, and no owner; undefined when nothing is kept. */
  loadValue(name: string): Promise<SettingValue | undefined>;
  /** Keeps it. Values of one name reach the store in the order of the calls. */
  saveValue(name: string, value: SettingValue): Promise<void>;
}

/** A store that lasts as long as the process. */
export function memorySettings(): SettingsStore {
  const owners = new Map<string, Map<string, SettingValue>>();
  const values = new Map<string, SettingValue>();
  return {
    load: async (owner) => new Map(owners.get(owner)),
    save: async (owner, field, value) => {
      const fields = owners.get(owner) ?? new Map<string, SettingValue>();
      owners.set(owner, fields);
      if (value === null) fields.delete(field);
      else fields.set(field, value);
    },
    loadValue: async (name) => values.get(name),
    saveValue: async (name, value) => void values.set(name, value),
  };
}
