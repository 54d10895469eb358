import { abortable, type Clock, systemClock } from "@beamtime/concurrency";
import { ArgumentError, errorMessage } from "@beamtime/errors";
import type { PickleInput } from "@beamtime/protocol";
import type { RedisConnection } from "@beamtime/redis";
import { transact, type WaitOptions } from "./base-setting.js";
import { claimField } from "./claim-field.js";
import type { SettingFields } from "./hash-setting.js";
import { type KeyWatch, watchKeys } from "./key-watch.js";
import { OrderedHashObjSetting, setOrdered } from "./ordered-hash-setting.js";
import { SerialTasks } from "./serial-tasks.js";
import { SettingError } from "./setting-error.js";
import { pickledValues, type SettingContent } from "./setting-value.js";
import { parseWardrobe, wardrobeYaml } from "./wardrobe-file.js";
import {
  creationField,
  defaultInstance,
  instanceKey,
  readWardrobe,
  type WardrobeState,
  wardrobeKey,
} from "./wardrobe-state.js";
import { wardrobeTable } from "./wardrobe-table.js";
import { WardrobeValues } from "./wardrobe-values.js";

export interface WardrobeOptions extends WaitOptions {
  /** Parameters that the wardrobe has from the beginning, in this order, and that cannot be removed. */
  readonly defaults?: SettingFields | undefined;
  /** Source of the times of creation. */
  readonly clock?: Clock | undefined;
}

/**
 * Sets of parameters that all processes share, Python ones too: each instance has values of its own, one of them is the
 * current one, and what it has no value for shows through from the instance `default`.
 *
 * Reading and writing are immediate, on a mirror: Redis gets the changes in their order ({@link saved}), and tells of
 * those of other processes as they happen ({@link onChange}). Between two processes the last change counts.
 *
 * @see BLISS `bliss/config/wardrobe.py`, class `ParametersWardrobe`
 */
export class ParametersWardrobe implements AsyncDisposable {
  readonly name: string;
  readonly #connection: RedisConnection;
  readonly #clock: Clock;
  readonly #fixed: ReadonlySet<string>;
  readonly #tasks = new SerialTasks();
  readonly #listeners = new Set<(names: readonly string[]) => void>();
  #state: WardrobeState;
  #watch: KeyWatch | undefined;
  /** How many changes made here are on their way to Redis: what is read there is older than the mirror. */
  #pending = 0;
  #failures: unknown[] = [];
  /** The reading that has not begun yet: whoever wants one joins it. */
  #nextReading: Promise<void> | undefined;

  private constructor(connection: RedisConnection, name: string, clock: Clock, defaults: SettingFields) {
    this.name = name;
    this.#connection = connection;
    this.#clock = clock;
    this.#fixed = new Set(Object.keys(defaults));
    const fields = Object.entries(defaults).map(([field, value]) => [field, encoded(value ?? null)] as const);
    this.#state = {
      instances: [defaultInstance],
      values: new Map([[defaultInstance, new Map([...fields, [creationField, this.#now()]])]]),
    };
  }

  /**
   * Opens the wardrobe of a name, and makes it when nobody has: what is there stays as it is, missing defaults are
   * added. The connection, to the settings database, stays the caller's; the wardrobe adds one of its own.
   */
  static async open(
    connection: RedisConnection,
    name: string,
    { defaults = {}, clock = systemClock, signal }: WardrobeOptions = {},
  ): Promise<ParametersWardrobe> {
    const wardrobe = new ParametersWardrobe(connection, name, clock, defaults);
    wardrobe.#watch = await watchKeys(connection, wardrobeKey(name), () => wardrobe.#hear(), { signal });
    try {
      await new OrderedHashObjSetting(connection, wardrobe.#key(defaultInstance)).ensureOrder({ signal });
      await abortable(wardrobe.#restore(), signal);
      await wardrobe.refresh({ signal });
      return wardrobe;
    } catch (error) {
      await wardrobe.#watch[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Names of the instances, the current one first. */
  get instances(): readonly string[] {
    return this.#state.instances;
  }

  /** Name of the instance that is read and written. */
  get current(): string {
    return this.#state.instances[0] ?? defaultInstance;
  }

  /** All parameters of the current instance, as they are now. */
  get values(): WardrobeValues {
    return new WardrobeValues(this.#state);
  }

  /** Names of the parameters, in order of creation; those that begin with `_` are not for display. */
  get names(): readonly string[] {
    return this.values.names;
  }

  /** When the current instance was made, `2026-11-21 10:00:00`. */
  get creationDate(): string {
    const date = this.get(creationField);
    return typeof date === "string" ? date : "";
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  /** The value of a parameter in the current instance, else in `default`; undefined when nobody added it. */
  get(name: string): SettingContent | undefined {
    return this.values.get(name);
  }

  /**
   * Gives a parameter a value in the current instance; null takes it away, so that the one of `default` shows.
   *
   * @throws ArgumentError when there is no such parameter, or the value cannot be pickled
   */
  set(name: string, value: PickleInput): void {
    if (!this.has(name)) throw this.#unknown(name);
    if (value === null && this.current !== defaultInstance) this.#removeFrom([this.current], name);
    else this.#write(this.current, name, value);
  }

  /**
   * Adds a parameter to all instances, with a value in `default`; one that is there gets this value.
   *
   * @throws ArgumentError when it cannot be the name of a parameter, or the value cannot be pickled
   */
  add(name: string, value: PickleInput = null): void {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw new ArgumentError(
        "name",
        `'${name}' cannot name a parameter: use letters, digits and _, not a digit first`,
      );
    }
    this.#write(defaultInstance, name, value);
  }

  /**
   * Removes an instance (`remove("fast")`) or, when the name begins with a dot, a parameter from all instances
   * (`remove(".speed")`).
   *
   * @throws ArgumentError when there is none, or it belongs to the wardrobe
   */
  remove(name: string): void {
    if (name.startsWith(".")) {
      const parameter = name.slice(1);
      if (!this.has(parameter)) throw this.#unknown(parameter);
      if (this.#fixed.has(parameter)) {
        throw new ArgumentError("name", `'${parameter}' belongs to ${this.name}: it cannot be removed`);
      }
      this.#removeFrom(this.instances, parameter);
      return;
    }
    if (!this.instances.includes(name) || name === defaultInstance) {
      throw new ArgumentError(
        "name",
        `${this.name} has no instance '${name}' that can be removed (of ${this.instances.join(", ")}); '.${name}' would be the parameter`,
      );
    }
    const values = new Map(this.#state.values);
    values.delete(name);
    this.#change({ instances: this.instances.filter((each) => each !== name), values }, async (client) => {
      const key = this.#key(name);
      await transact(client, (multi) => multi.del(key, `${key}:creation_order`).lrem(wardrobeKey(this.name), 0, name));
    });
  }

  /** Makes another instance the current one, and creates it if need be; `copy` names one whose values it gets. */
  switch(name: string, { copy }: { readonly copy?: string | undefined } = {}): void {
    if (name === "" || name.includes(":")) {
      throw new ArgumentError("name", `'${name}' cannot name an instance: it must have a letter and no colon`);
    }
    const source = copy === undefined ? undefined : this.#state.values.get(copy);
    if (copy !== undefined && !source) {
      throw new ArgumentError("copy", `${this.name} has no instance '${copy}'; it has ${this.instances.join(", ")}`);
    }
    const own = new Map(this.#state.values.get(name) ?? [[creationField, this.#now()]]);
    for (const [field, value] of source ?? []) if (field !== creationField) own.set(field, value);
    const isWritten = source !== undefined || !this.instances.includes(name);
    const instances = [name, ...this.instances.filter((each) => each !== name)];
    this.#change({ instances, values: new Map(this.#state.values).set(name, own) }, async (client) => {
      if (isWritten) await setOrdered(client, "set", this.#key(name), [...own].flat());
      const list = wardrobeKey(this.name);
      await transact(client, (multi) => multi.lrem(list, 0, name).lpush(list, name));
    });
  }

  /** All parameters with their values, as the instance has them or gets them from `default`. */
  toObject(instance: string = this.current): { [name: string]: SettingContent } {
    return new WardrobeValues(this.#state, instance).toObject();
  }

  /** The YAML of some instances, the current one by default, as BLISS exports them. */
  toYaml(instances: readonly string[] = [this.current]): string {
    return wardrobeYaml(
      this.name,
      Object.fromEntries(instances.map((instance) => [instance, this.toObject(instance)])),
    );
  }

  /**
   * Gives the current instance the values that an instance has in an exported YAML.
   *
   * @throws ArgumentError when it has no such instance, or parameters that this wardrobe has not; nothing is changed then
   */
  fromYaml(yaml: string, instance: string): void {
    // a YAML parser makes plain values, all of which can be pickled
    const parameters = Object.entries(parseWardrobe(yaml, instance) as SettingFields);
    for (const [name] of parameters) if (name !== creationField && !this.has(name)) throw this.#unknown(name);
    for (const [name, value] of parameters) if (name !== creationField) this.set(name, value ?? null);
  }

  /** A table of the parameters by instance, as BLISS's `show_table()`. */
  toString(): string {
    return wardrobeTable(this.instances.map((instance) => [instance, new WardrobeValues(this.#state, instance)]));
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  /** Calls `listener` with the names of the parameters that another process has changed. Returns the way out. */
  onChange(listener: (names: readonly string[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads everything again, so that what other processes wrote before this call is known. */
  refresh({ signal }: WaitOptions = {}): Promise<void> {
    this.#nextReading ??= this.#read();
    return abortable(this.#nextReading, signal);
  }

  /**
   * The values of this moment, as Redis has them: with all changes made here before the call and none after it, and
   * with those that other processes made before the call.
   */
  async snapshot({ signal }: WaitOptions = {}): Promise<WardrobeValues> {
    const reading = this.#tasks.run(() => this.#readState());
    return new WardrobeValues(await abortable(reading, signal));
  }

  /**
   * Gives a parameter a value that no other wardrobe has: of those whose names match `others` (`esrf_scan_saving:*`),
   * the instances of the same name are looked at, in one step with the change.
   *
   * @returns false, with nothing changed, when one of them has it
   * @throws ArgumentError when there is no such parameter
   */
  async claim(name: string, value: PickleInput, others: string, { signal }: WaitOptions = {}): Promise<boolean> {
    if (!this.has(name)) throw this.#unknown(name);
    const { current } = this;
    const claiming = this.#tasks.run(() =>
      claimField(this.#connection.client, this.#key(current), instanceKey(others, current), [name, encoded(value)]),
    );
    if (!(await abortable(claiming, signal))) return false;
    await this.refresh({ signal });
    return true;
  }

  /** Resolves when all changes are in Redis. @throws SettingError when some could not be kept since the last call */
  async saved({ signal }: WaitOptions = {}): Promise<void> {
    await abortable(
      this.#tasks.run(async () => {}),
      signal,
    );
    if (this.#failures.length === 0) return;
    const cause = this.#failures.length === 1 ? this.#failures[0] : new AggregateError(this.#failures);
    const reasons = this.#failures.map(errorMessage).join("; ");
    this.#failures = [];
    throw new SettingError(this.name, `${this.name} could not be kept in Redis: ${reasons}`, { cause });
  }

  /** Waits for the changes, and stops following. @throws as {@link saved} */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listeners.clear();
    await this.#watch?.[Symbol.asyncDispose]();
    await this.saved();
  }

  /** Adds to Redis what the mirror has and Redis has not: the defaults at the beginning, everything when it was emptied. */
  async #restore(): Promise<void> {
    const { client } = this.#connection;
    const { instances, values } = this.#state;
    for (const [instance, fields] of values) await setOrdered(client, "add", this.#key(instance), [...fields].flat());
    const list = wardrobeKey(this.name);
    const known = await client.lrange(list, 0, -1);
    const missing = instances.filter((instance) => !known.includes(instance));
    if (missing.length === 0) return;
    await transact(client, (multi) => {
      // removed first: another process may be doing the same
      for (const instance of missing) multi.lrem(list, 0, instance);
      multi.rpush(list, ...missing);
    });
  }

  #key(instance: string): string {
    return instanceKey(this.name, instance);
  }

  #now(): Buffer {
    const date = new Date(this.#clock.epoch() * 1000);
    const two = (value: number): string => String(value).padStart(2, "0");
    const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
    return encoded(`${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")}`);
  }

  #write(instance: string, name: string, value: PickleInput): void {
    const bytes = encoded(value);
    const fields = new Map(this.#state.values.get(instance)).set(name, bytes);
    const values = new Map(this.#state.values).set(instance, fields);
    this.#change({ instances: this.instances, values }, (client) =>
      setOrdered(client, "set", this.#key(instance), [name, bytes]),
    );
  }

  #removeFrom(instances: readonly string[], name: string): void {
    const values = new Map(this.#state.values);
    for (const instance of instances) {
      const fields = new Map(values.get(instance));
      fields.delete(name);
      values.set(instance, fields);
    }
    this.#change({ instances: this.instances, values }, async () => {
      for (const instance of instances) {
        await new OrderedHashObjSetting(this.#connection, this.#key(instance)).remove([name]);
      }
    });
  }

  #change(state: WardrobeState, command: (client: RedisConnection["client"]) => Promise<void>): void {
    this.#state = state;
    this.#pending += 1;
    this.#tasks
      .run(async () => {
        try {
          await command(this.#connection.client);
        } finally {
          this.#pending -= 1;
        }
      })
      .catch((error: unknown) => {
        this.#failures.push(error); // told by saved()
        this.#hear(); // what Redis has instead
      });
  }

  /** Something has changed. When it cannot be read now, the connection is lost; it is read when that is back. */
  #hear(): void {
    this.refresh().catch(() => {});
  }

  async #read(): Promise<void> {
    // a change that comes after the reading would be undone by what was read: then once more, after that change
    while (!(await this.#tasks.run(() => this.#readOnce())));
  }

  async #readOnce(): Promise<boolean> {
    this.#nextReading = undefined;
    const state = await this.#readState();
    if (this.#pending > 0) return false;
    const names = this.values.changesTo(new WardrobeValues(state));
    this.#state = state;
    if (names.length > 0) for (const listener of [...this.#listeners]) listener(names);
    return true;
  }

  /** What Redis has; when it was emptied, it gets what the mirror has. */
  async #readState(): Promise<WardrobeState> {
    const state = await readWardrobe(this.#connection, this.name, this.instances);
    if (state.instances.length > 0) return state;
    await this.#restore();
    return readWardrobe(this.#connection, this.name, this.instances);
  }

  #unknown(name: string): ArgumentError {
    return new ArgumentError(name, `${this.name} has no parameter '${name}': add it with add('${name}', value)`);
  }
}

/** In a wardrobe null stands as the text None. */
function encoded(value: PickleInput): Buffer {
  return Buffer.from(pickledValues.encode(value ?? "None"));
}
