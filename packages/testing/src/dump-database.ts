import type { RedisConnection } from "@beamtime/redis";
import type { RedisVector, VectorField, VectorKey } from "./redis-vector.js";

/** The whole database of the connection in the form of the vectors, sorted by key. @throws on types scans do not use */
export async function dumpDatabase({ client }: RedisConnection): Promise<RedisVector> {
  const names = (await client.keys("*")).sort();
  const dumpKey = async (key: string): Promise<VectorKey> => {
    const [type, ttl] = await Promise.all([client.type(key), client.ttl(key)]);
    switch (type) {
      case "hash": {
        const fields = Object.entries(await client.hgetallBuffer(key));
        return { key, type, ttl, fields: fields.map(([field, value]) => ({ field, ...encoded(value) })) };
      }
      case "stream": {
        const info = (await client.xinfo("STREAM", key)) as (string | number)[]; // name, value, name, …
        const last = String(info[info.indexOf("last-generated-id") + 1]);
        const entries = (await client.xrangeBuffer(key, "-", "+")).map(([id, flat]) => ({
          id: String(id),
          fields: fieldsOf(flat),
        }));
        return { key, type, ttl, last_generated_id: last, entries };
      }
      case "list":
        return { key, type, ttl, items: (await client.lrangeBuffer(key, 0, -1)).map(encoded) };
      case "string":
        return { key, type, ttl, value: encoded((await client.getBuffer(key)) ?? Buffer.alloc(0)) };
      default:
        throw new Error(`key ${key} is a ${type}: scans write hashes, streams, lists and strings`);
    }
  };
  return { keys: await Promise.all(names.map(dumpKey)) };
}

function encoded(bytes: Buffer): { b64: string } {
  return { b64: bytes.toString("base64") };
}

function fieldsOf(flat: Buffer[]): VectorField[] {
  const fields: VectorField[] = [];
  for (let index = 0; index + 1 < flat.length; index += 2) {
    fields.push({ field: String(flat[index]), ...encoded(flat[index + 1] ?? Buffer.alloc(0)) });
  }
  return fields;
}
