import type { PickleInput } from "@beamtime/protocol";
import type { RedisConnection } from "@beamtime/redis";
import { BaseSetting, type WaitOptions } from "./base-setting.js";
import { pickledValues, type SettingContent, textValues, type ValueCodec } from "./setting-value.js";

/** Values by field; null or undefined means: not there. */
export type SettingFields = { readonly [field: string]: PickleInput | undefined };

export interface HashOptions {
  /** What fields are while Redis has no value for them. These stay in this process. */
  readonly defaults?: { readonly [field: string]: SettingContent } | undefined;
}

/** Fields and values, in memory as in Redis. */
export abstract class FieldSetting extends BaseSetting {
  readonly #codec: ValueCodec;
  readonly #defaults: ReadonlyMap<string, SettingContent>;

  constructor(connection: RedisConnection, name: string, codec: ValueCodec, { defaults = {} }: HashOptions = {}) {
    super(connection, name);
    this.#codec = codec;
    this.#defaults = new Map(Object.entries(defaults));
  }

  /** The value of a field, else its default; undefined without. */
  async get(field: string, { signal }: WaitOptions = {}): Promise<SettingContent | undefined> {
    const bytes = await this.run((client) => client.hgetBuffer(this.name, field), signal);
    return bytes === null ? this.#defaults.get(field) : this.#codec.decode(bytes);
  }

  /** All fields, first those that have a default. */
  async getAll({ signal }: WaitOptions = {}): Promise<Map<string, SettingContent>> {
    const all = new Map(this.#defaults);
    for (const [field, bytes] of await this.readFields(signal)) all.set(field, this.#codec.decode(bytes));
    return all;
  }

  /** Sets one field; null removes it, so that its default comes back. */
  async set(field: string, value: PickleInput, { signal }: WaitOptions = {}): Promise<void> {
    if (value === null) await this.remove([field], { signal });
    else await this.update({ [field]: value }, { signal });
  }

  /** Sets some fields as one step. Null values are left out. */
  async update(values: SettingFields, { signal }: WaitOptions = {}): Promise<void> {
    const encoded = this.#encode(values);
    if (encoded.length > 0) await this.writeFields(encoded, signal);
  }

  /** Sets these fields and removes all others. */
  async replace(values: SettingFields, { signal }: WaitOptions = {}): Promise<void> {
    await this.replaceFields(this.#encode(values), signal);
  }

  async remove(fields: readonly string[], { signal }: WaitOptions = {}): Promise<void> {
    if (fields.length > 0) await this.removeFields(fields, signal);
  }

  /** Takes a field away, and returns what it was; undefined when Redis had none. */
  async pop(field: string, { signal }: WaitOptions = {}): Promise<SettingContent | undefined> {
    const bytes = await this.popField(field, signal);
    return bytes === null ? undefined : this.#codec.decode(bytes);
  }

  /** Whether Redis has a value for the field. */
  async has(field: string, { signal }: WaitOptions = {}): Promise<boolean> {
    return (await this.run((client) => client.hexists(this.name, field), signal)) === 1;
  }

  /** How many fields Redis has a value for. */
  async size({ signal }: WaitOptions = {}): Promise<number> {
    return this.run((client) => client.hlen(this.name), signal);
  }

  protected async readFields(signal: AbortSignal | undefined): Promise<Iterable<readonly [string, Buffer]>> {
    return Object.entries(await this.run((client) => client.hgetallBuffer(this.name), signal));
  }

  protected async writeFields(fieldsAndValues: (string | Buffer)[], signal: AbortSignal | undefined): Promise<void> {
    await this.run((client) => client.hset(this.name, ...fieldsAndValues), signal);
  }

  protected async replaceFields(fieldsAndValues: (string | Buffer)[], signal: AbortSignal | undefined): Promise<void> {
    await this.transaction((multi) => {
      multi.del(this.name);
      if (fieldsAndValues.length > 0) multi.hset(this.name, ...fieldsAndValues);
    }, signal);
  }

  protected async removeFields(fields: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    await this.run((client) => client.hdel(this.name, ...fields), signal);
  }

  protected async popField(field: string, signal: AbortSignal | undefined): Promise<Buffer | null> {
    const [bytes] = await this.transaction(
      (multi) => multi.hgetBuffer(this.name, field).hdel(this.name, field),
      signal,
    );
    return Buffer.isBuffer(bytes) ? bytes : null;
  }

  #encode(values: SettingFields): (string | Buffer)[] {
    return Object.entries(values).flatMap(([field, value]) =>
      value === null || value === undefined ? [] : [field, this.#codec.encode(value)],
    );
  }
}

/**
 * Values as text, by field. A Python `Struct` is the same in Redis: its attributes are the fields.
 *
 * @see BLISS `blissdata/settings.py`, classes `HashSetting` and `Struct`
 */
export class HashSetting extends FieldSetting {
  constructor(connection: RedisConnection, name: string, options?: HashOptions) {
    super(connection, name, textValues, options);
  }
}

/** Values of any type, pickled, by field. @see BLISS `blissdata/settings.py`, class `HashObjSetting` */
export class HashObjSetting extends FieldSetting {
  constructor(connection: RedisConnection, name: string, options?: HashOptions) {
    super(connection, name, pickledValues, options);
  }
}
