import { ArgumentError } from "@beamtime/errors";
import { type PickleInput, PyFloat } from "@beamtime/protocol";
import type { RedisConnection } from "@beamtime/redis";
import { BaseSetting, type WaitOptions } from "./base-setting.js";
import { pickledValues, type SettingContent, textValues, type ValueCodec } from "./setting-value.js";

abstract class StringSetting extends BaseSetting {
  readonly #codec: ValueCodec;

  constructor(connection: RedisConnection, name: string, codec: ValueCodec) {
    super(connection, name);
    this.#codec = codec;
  }

  /** The value of now; undefined when there is none. */
  async get({ signal }: WaitOptions = {}): Promise<SettingContent | undefined> {
    const bytes = await this.run((client) => client.getBuffer(this.name), signal);
    return bytes === null ? undefined : this.#codec.decode(bytes);
  }

  protected async write(value: PickleInput, signal: AbortSignal | undefined): Promise<void> {
    const bytes = this.#codec.encode(value);
    await this.run((client) => client.set(this.name, bytes), signal);
  }
}

/**
 * One value as text: what looks like a number, `True` or `False` is read as such, everything else as a text.
 *
 * @see BLISS `blissdata/settings.py`, class `SimpleSetting`
 */
export class SimpleSetting extends StringSetting {
  constructor(connection: RedisConnection, name: string) {
    super(connection, name, textValues);
  }

  /** @throws ArgumentError for null, which a text cannot tell from the word None: use {@link clear} */
  async set(value: PickleInput, { signal }: WaitOptions = {}): Promise<void> {
    if (value === null) {
      throw new ArgumentError("value", `'${this.name}' cannot be set to nothing: clear() forgets the value`);
    }
    await this.write(value, signal);
  }

  /**
   * Adds to the number that is there, as one step for all processes; 0 when nothing is there. An integral number is
   * added as an int, any other and a {@link PyFloat} as a float. Returns the sum.
   */
  async increment(by: number | PyFloat, { signal }: WaitOptions = {}): Promise<number> {
    if (by instanceof PyFloat || !Number.isSafeInteger(by)) {
      const float = by instanceof PyFloat ? by.value : by;
      return Number(await this.run((client) => client.incrbyfloat(this.name, float), signal));
    }
    return this.run((client) => client.incrby(this.name, by), signal);
  }

  /** Adds to the end of the text that is there, as one step for all processes. */
  async append(text: string, { signal }: WaitOptions = {}): Promise<void> {
    await this.run((client) => client.append(this.name, text), signal);
  }
}

/** One value of any type, pickled. @see BLISS `blissdata/settings.py`, class `SimpleObjSetting` */
export class SimpleObjSetting extends StringSetting {
  constructor(connection: RedisConnection, name: string) {
    super(connection, name, pickledValues);
  }

  /** @throws ArgumentError for what cannot be pickled */
  set(value: PickleInput, { signal }: WaitOptions = {}): Promise<void> {
    return this.write(value, signal);
  }
}
