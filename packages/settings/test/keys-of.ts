import type { RedisConnection } from "@beamtime/redis";

/** A database in the form of `beacon-settings.json`: bytes that are no printable text as hex. */
export async function keysOf({ client }: RedisConnection): Promise<Record<string, unknown>> {
  const contents = new Map<string, unknown>();
  for (const key of (await client.keys("*")).sort()) {
    const type = await client.type(key);
    contents.set(key, { type, value: await contentOf(client, key, type) });
  }
  return Object.fromEntries(contents);
}

async function contentOf(client: RedisConnection["client"], key: string, type: string): Promise<unknown> {
  switch (type) {
    case "string":
      return shown((await client.getBuffer(key)) ?? Buffer.alloc(0));
    case "list":
      return (await client.lrangeBuffer(key, 0, -1)).map(shown);
    case "hash":
      return Object.fromEntries(
        Object.entries(await client.hgetallBuffer(key)).map(([field, value]) => [field, shown(value)]),
      );
    case "zset": {
      const flat = await client.zrange(key, "0", "-1", "WITHSCORES");
      return flat.flatMap((name, index) => (index % 2 === 0 ? [[name, Number(flat[index + 1])]] : []));
    }
    default:
      throw new Error(`settings have no ${type}: ${key}`);
  }
}

function shown(bytes: Buffer): string | { hex: string } {
  return bytes[0] === 0x80 ? { hex: bytes.toString("hex") } : bytes.toString();
}
