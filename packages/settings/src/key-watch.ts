import type { RedisConnection } from "@beamtime/redis";

const invalidations = "__redis__:invalidate";

/** Hears of changes of keys, by whichever process, until it is disposed. */
export type KeyWatch = AsyncDisposable;

/**
 * Calls `onChange` when a key that is `prefix`, or begins with it and a colon, has changed; also after the connection
 * was lost and made anew, as changes may have been missed meanwhile.
 *
 * Redis tells by itself: it tracks the keys for a connection of the watch's own. Nothing is asked for again and again.
 */
export async function watchKeys(
  connection: RedisConnection,
  prefix: string,
  onChange: () => void,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<KeyWatch> {
  // tracking ends with the connection: it has to be asked for before subscribing again
  const own = await connection.duplicate({ signal, ioredis: { autoResubscribe: false } });
  const { client } = own;
  const track = async (): Promise<void> => {
    // with the protocol of version 2 the messages go to a connection that subscribes, which may be this one itself
    const id = String(await client.client("ID"));
    await client.call("CLIENT", "TRACKING", "ON", "REDIRECT", id, "BCAST", "PREFIX", prefix);
    await client.subscribe(invalidations);
  };
  const concerns = (key: unknown): boolean => {
    const name = String(key);
    return name === prefix || name.startsWith(`${prefix}:`);
  };
  // its type says Buffer, but the message is a list of keys, or null when all of them are gone
  client.on("messageBuffer", (_channel: Buffer, keys: unknown) => {
    if (!Array.isArray(keys) || keys.some(concerns)) onChange();
  });
  const again = (): void => {
    track().then(onChange, () => {
      if (own.state !== "closed") client.disconnect(true); // lost once more: the next one tries again
    });
  };
  try {
    await track();
  } catch (error) {
    await own.close();
    throw error;
  }
  own.onState((state) => state === "ready" && again());
  return own;
}
