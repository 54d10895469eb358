import { createHash } from "node:crypto";
import type { RedisConnection } from "@beamtime/redis";

type Client = RedisConnection["client"];

/** What a script is given: texts or bytes. */
export type ScriptArgument = string | Buffer;

/** Bytes as ioredis takes them, without a copy; texts as they are. */
export function argument(value: string | Uint8Array): ScriptArgument {
  return typeof value === "string" ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/**
 * A Lua program that the server runs as one command: nobody sees half of it done, and it costs one answer however
 * many commands it holds. The server knows it by its hash after the first time.
 */
export class RedisScript {
  readonly #source: string;
  readonly #hash: string;

  constructor(source: string) {
    this.#source = source;
    this.#hash = createHash("sha1").update(source).digest("hex");
  }

  /** @throws what the connection or the script throws */
  async run(client: Client, keys: readonly string[], args: readonly ScriptArgument[]): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await client.call("EVALSHA", [this.#hash, ...rest]);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
      return client.call("EVAL", [this.#source, ...rest]);
    }
  }
}
