import type { RedisConnection } from "@beamtime/redis";
import type { RedisVector, VectorField, VectorKey } from "./redis-vector.js";

/**
 * Puts the keys of a vector into the database of the connection, byte for byte: ids of entries, last ids of streams
 * and times to live included. Keys that are there already stay, unless the vector has them too.
 */
export async function restoreVector(connection: RedisConnection, vector: RedisVector): Promise<void> {
  const pipeline = connection.client.pipeline();
  for (const item of vector.keys) {
    pipeline.del(item.key);
    for (const [name, ...args] of commandsOf(item)) pipeline.call(name, ...args);
    if (item.ttl > 0) pipeline.expire(item.key, item.ttl);
  }
  for (const [error] of (await pipeline.exec()) ?? []) {
    if (error) throw error;
  }
}

type RedisCommand = [name: string, ...args: (string | Buffer)[]];

function commandsOf(item: VectorKey): RedisCommand[] {
  switch (item.type) {
    case "hash":
      return [["hset", item.key, ...flat(item.fields)]];
    case "stream":
      return [
        ["xadd", item.key, "0-1", "key", "value"],
        ["xdel", item.key, "0-1"],
        ...item.entries.map(({ id, fields }): RedisCommand => ["xadd", item.key, id, ...flat(fields)]),
        ["xsetid", item.key, item.last_generated_id],
      ];
    case "list":
      return item.items.map(({ b64 }): RedisCommand => ["rpush", item.key, bytes(b64)]);
    case "string":
      return [["set", item.key, bytes(item.value.b64)]];
  }
}

function flat(fields: readonly VectorField[]): (string | Buffer)[] {
  return fields.flatMap(({ field, b64 }) => [field, bytes(b64)]);
}

function bytes(b64: string): Buffer {
  return Buffer.from(b64, "base64");
}
