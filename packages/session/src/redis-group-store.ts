import type { MeasurementGroupStore } from "@beamtime/counters";
import type { RedisConnection } from "@beamtime/redis";
import { QueueSetting, type SettingContent, SimpleSetting } from "@beamtime/settings";

/** States of measurement groups in the settings Redis, where BLISS has them. */
export function redisGroupStore(settings: RedisConnection): MeasurementGroupStore {
  return {
    async getText(key) {
      const value = await new SimpleSetting(settings, key).get();
      return value === undefined ? undefined : textOf(value);
    },
    setText: (key, text) => new SimpleSetting(settings, key).set(text),
    getList: async (key) => (await new QueueSetting(settings, key).get()).map(textOf),
    setList: (key, texts) => new QueueSetting(settings, key).set(texts),
  };
}

/** A state called 12 is read as a number. */
function textOf(value: SettingContent): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
