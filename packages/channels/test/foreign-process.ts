import {
  decodeChannelMessage,
  encodeChannelQuery,
  encodeChannelValue,
  type PickleInput,
  type PickleValue,
} from "@beamtime/protocol";
import type { RedisConnection } from "@beamtime/redis";

/** Publishes as another process would, with a timestamp of its own. */
export async function publishValue(
  { client }: RedisConnection,
  name: string,
  timestamp: number,
  value: PickleInput,
): Promise<void> {
  await client.publish(name, Buffer.from(encodeChannelValue({ timestamp, value })));
}

/** Asks as another process would; the exact value of the first that has one. */
export async function query(connection: RedisConnection, name: string): Promise<PickleValue | undefined> {
  await using listener = await connection.duplicate();
  const id = "0123456789abcdef0123456789abcdef";
  const answered = new Promise<PickleValue | undefined>((resolve) => {
    listener.client.on("messageBuffer", (_: Buffer, bytes: Buffer) => {
      const message = decodeChannelMessage(bytes);
      if (message.kind === "reply" && message.id === id) resolve(message.value?.value);
    });
  });
  await listener.client.subscribe(name);
  await connection.client.publish(name, Buffer.from(encodeChannelQuery({ name, id })));
  return await answered;
}
