import type { SettingsStore, SettingValue } from "@beamtime/core";
import { decodeSettingText, PyFloat, pythonRepr } from "@beamtime/protocol";
import type { RedisConnection } from "@beamtime/redis";

/**
 * A settings store that all processes share: one text hash for each owner (`axis.roby`), as BLISS keeps the settings of
 * axes, and a text for each value without owner. Numbers are written as Python floats (`50.0`). The text `None`, with which BLISS says that there is nothing, is
 * read as nothing. The connection, to the settings database, stays the caller's.
 */
export function redisSettings({ client }: RedisConnection): SettingsStore {
  return {
    async load(owner) {
      const kept = new Map<string, SettingValue>();
      for (const [field, bytes] of Object.entries(await client.hgetallBuffer(owner))) {
        const value = settingValue(bytes);
        if (value !== undefined) kept.set(field, value);
      }
      return kept;
    },
    async save(owner, field, value) {
      if (value === null) await client.hdel(owner, field);
      else await client.hset(owner, field, textOf(value));
    },
    async loadValue(name) {
      const bytes = await client.getBuffer(name);
      return bytes === null ? undefined : settingValue(bytes);
    },
    async saveValue(name, value) {
      await client.set(name, textOf(value));
    },
  };
}

function textOf(value: SettingValue): string {
  return typeof value === "string" ? value : pythonRepr(typeof value === "number" ? new PyFloat(value) : value);
}

function settingValue(bytes: Buffer): SettingValue | undefined {
  const value = decodeSettingText(bytes);
  if (value instanceof PyFloat) return value.value;
  if (typeof value === "bigint") return Number(value);
  return value === "None" || value instanceof Uint8Array ? undefined : value;
}
