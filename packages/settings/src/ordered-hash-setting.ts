import { createHash } from "node:crypto";
import type { RedisConnection } from "@beamtime/redis";
import type { WaitOptions } from "./base-setting.js";
import { FieldSetting, type HashOptions } from "./hash-setting.js";
import { pickledValues, textValues } from "./setting-value.js";

/**
 * Sets fields: a new one comes after all that are there, one that is there keeps its place. With the mode `add`, fields
 * that are there keep their value too. KEYS: hash, order. ARGV: mode, then fields and values.
 */
const setSource = `
for i = 2, #ARGV, 2 do
  if not redis.call('ZSCORE', KEYS[2], ARGV[i]) then
    local last = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')[2]
    redis.call('ZADD', KEYS[2], (tonumber(last) or 0) + 1, ARGV[i])
  end
  redis.call(ARGV[1] == 'add' and 'HSETNX' or 'HSET', KEYS[1], ARGV[i], ARGV[i + 1])
end`;
const setHash = createHash("sha1").update(setSource).digest("hex");

/** The key of the order of an ordered hash. */
export function orderKey(name: string): string {
  return `${name}:creation_order`;
}

/** Sets fields of an ordered hash as one step; with `add` only those that are not there. */
export async function setOrdered(
  client: RedisConnection["client"],
  mode: "set" | "add",
  name: string,
  fieldsAndValues: readonly (string | Buffer)[],
): Promise<void> {
  const rest = ["2", name, orderKey(name), mode, ...fieldsAndValues];
  try {
    await client.call("EVALSHA", [setHash, ...rest]);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
    await client.call("EVAL", [setSource, ...rest]);
  }
}

/** Fields with their values in the order of creation; those without a place come last. */
export function inOrder(
  order: readonly unknown[],
  fields: Readonly<Record<string, Buffer>>,
): ReadonlyMap<string, Buffer> {
  const ordered = new Map<string, Buffer>();
  for (const field of [...order.map(String), ...Object.keys(fields)]) {
    const value = fields[field];
    if (value !== undefined) ordered.set(field, value);
  }
  return ordered;
}

const natural = new Intl.Collator("en", { numeric: true });

abstract class OrderedFieldSetting extends FieldSetting {
  protected override get keys(): readonly string[] {
    return [this.name, orderKey(this.name)];
  }

  /** Gives a hash of an older program, which has no order, one: by name, numbers in names by their size. */
  async ensureOrder({ signal }: WaitOptions = {}): Promise<void> {
    const order = orderKey(this.name);
    const [known, fields] = await this.run(
      (client) => Promise.all([client.exists(order), client.hkeys(this.name)]),
      signal,
    );
    if (known === 1 || fields.length === 0) return;
    const scores = fields.toSorted(natural.compare).flatMap((field, index) => [index, field]);
    await this.run((client) => client.zadd(order, "NX", ...scores), signal);
  }

  protected override async readFields(signal: AbortSignal | undefined): Promise<ReadonlyMap<string, Buffer>> {
    const [order, fields] = await this.transaction(
      (multi) => multi.zrange(orderKey(this.name), "0", "-1").hgetallBuffer(this.name),
      signal,
    );
    // what Redis answers to these commands
    return inOrder(order as string[], fields as Record<string, Buffer>);
  }

  protected override async writeFields(
    fieldsAndValues: (string | Buffer)[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    await this.run((client) => setOrdered(client, "set", this.name, fieldsAndValues), signal);
  }

  protected override async replaceFields(
    fieldsAndValues: (string | Buffer)[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    await this.transaction((multi) => {
      multi.del(...this.keys);
      if (fieldsAndValues.length === 0) return;
      multi.hset(this.name, ...fieldsAndValues);
      const fields = fieldsAndValues.filter((_, index) => index % 2 === 0);
      multi.zadd(orderKey(this.name), ...fields.flatMap((field, index) => [index + 1, field]));
    }, signal);
  }

  protected override async removeFields(fields: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    await this.transaction((multi) => multi.zrem(orderKey(this.name), ...fields).hdel(this.name, ...fields), signal);
  }

  protected override async popField(field: string, signal: AbortSignal | undefined): Promise<Buffer | null> {
    const [bytes] = await this.transaction(
      (multi) => multi.hgetBuffer(this.name, field).zrem(orderKey(this.name), field).hdel(this.name, field),
      signal,
    );
    return Buffer.isBuffer(bytes) ? bytes : null;
  }
}

/** A {@link HashSetting} that keeps the order in which fields were created, in a second key. */
export class OrderedHashSetting extends OrderedFieldSetting {
  constructor(connection: RedisConnection, name: string, options?: HashOptions) {
    super(connection, name, textValues, options);
  }

  /** As the constructor, and gives a hash of an older program its order. */
  static async open(
    connection: RedisConnection,
    name: string,
    { signal, ...options }: HashOptions & WaitOptions = {},
  ): Promise<OrderedHashSetting> {
    const setting = new OrderedHashSetting(connection, name, options);
    await setting.ensureOrder({ signal });
    return setting;
  }
}

/** A {@link HashObjSetting} that keeps the order in which fields were created, in a second key. */
export class OrderedHashObjSetting extends OrderedFieldSetting {
  constructor(connection: RedisConnection, name: string, options?: HashOptions) {
    super(connection, name, pickledValues, options);
  }

  /** As the constructor, and gives a hash of an older program its order. */
  static async open(
    connection: RedisConnection,
    name: string,
    { signal, ...options }: HashOptions & WaitOptions = {},
  ): Promise<OrderedHashObjSetting> {
    const setting = new OrderedHashObjSetting(connection, name, options);
    await setting.ensureOrder({ signal });
    return setting;
  }
}
