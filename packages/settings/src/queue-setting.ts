import type { PickleInput } from "@beamtime/protocol";
import type { RedisConnection } from "@beamtime/redis";
import { BaseSetting, type WaitOptions } from "./base-setting.js";
import { pickledValues, type SettingContent, textValues, type ValueCodec } from "./setting-value.js";

abstract class ListSetting extends BaseSetting {
  readonly #codec: ValueCodec;

  constructor(connection: RedisConnection, name: string, codec: ValueCodec) {
    super(connection, name);
    this.#codec = codec;
  }

  /** Items from `start` up to, not including, `stop`; all without. Negative numbers count from the end. */
  async get(start = 0, stop?: number, { signal }: WaitOptions = {}): Promise<SettingContent[]> {
    if (stop === 0) return [];
    const last = stop === undefined ? -1 : stop - 1;
    const items = await this.run((client) => client.lrangeBuffer(this.name, start, last), signal);
    return items.map((item) => this.#codec.decode(item));
  }

  /** The item of that place, from the end when negative; undefined when there is none. */
  async at(index: number, { signal }: WaitOptions = {}): Promise<SettingContent | undefined> {
    return this.#decoded(await this.run((client) => client.lindexBuffer(this.name, index), signal));
  }

  async length({ signal }: WaitOptions = {}): Promise<number> {
    return this.run((client) => client.llen(this.name), signal);
  }

  /** Replaces all items, as one step. */
  async set(values: readonly PickleInput[], { signal }: WaitOptions = {}): Promise<void> {
    const items = values.map((value) => this.#codec.encode(value));
    await this.transaction((multi) => {
      multi.del(this.name);
      if (items.length > 0) multi.rpush(this.name, ...items);
    }, signal);
  }

  /** Replaces one item. @throws what Redis says when there is no such place */
  async setAt(index: number, value: PickleInput, { signal }: WaitOptions = {}): Promise<void> {
    const item = this.#codec.encode(value);
    await this.run((client) => client.lset(this.name, index, item), signal);
  }

  /** Adds items at the end. */
  async append(values: readonly PickleInput[], { signal }: WaitOptions = {}): Promise<void> {
    const items = values.map((value) => this.#codec.encode(value));
    if (items.length > 0) await this.run((client) => client.rpush(this.name, ...items), signal);
  }

  /** Adds an item at the beginning. */
  async prepend(value: PickleInput, { signal }: WaitOptions = {}): Promise<void> {
    const item = this.#codec.encode(value);
    await this.run((client) => client.lpush(this.name, item), signal);
  }

  /** Removes every item that is written like `value`. */
  async remove(value: PickleInput, { signal }: WaitOptions = {}): Promise<void> {
    const item = this.#codec.encode(value);
    await this.run((client) => client.lrem(this.name, 0, item), signal);
  }

  /** Takes the first item away; undefined when there is none. */
  async popFront({ signal }: WaitOptions = {}): Promise<SettingContent | undefined> {
    return this.#decoded(await this.run((client) => client.lpopBuffer(this.name), signal));
  }

  /** Takes the last item away; undefined when there is none. */
  async popBack({ signal }: WaitOptions = {}): Promise<SettingContent | undefined> {
    return this.#decoded(await this.run((client) => client.rpopBuffer(this.name), signal));
  }

  #decoded(bytes: Buffer | null): SettingContent | undefined {
    return bytes === null ? undefined : this.#codec.decode(bytes);
  }
}

/** A list of values as text. An empty one has no key. @see BLISS `blissdata/settings.py`, class `QueueSetting` */
export class QueueSetting extends ListSetting {
  constructor(connection: RedisConnection, name: string) {
    super(connection, name, textValues);
  }
}

/** A list of values of any type, pickled. @see BLISS `blissdata/settings.py`, class `QueueObjSetting` */
export class QueueObjSetting extends ListSetting {
  constructor(connection: RedisConnection, name: string) {
    super(connection, name, pickledValues);
  }
}
