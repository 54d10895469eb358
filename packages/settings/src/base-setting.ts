import { abortable } from "@beamtime/concurrency";
import type { RedisConnection } from "@beamtime/redis";

/** What every call that waits for Redis takes. */
export interface WaitOptions {
  /** Gives up waiting; a command that was sent is done nevertheless. */
  readonly signal?: AbortSignal | undefined;
}

type Client = RedisConnection["client"];
type Transaction = ReturnType<Client["multi"]>;

/** A value with a name, which is its key in the database of the connection. The connection stays the caller's. */
export abstract class BaseSetting {
  readonly name: string;
  readonly #connection: RedisConnection;

  constructor(connection: RedisConnection, name: string) {
    this.#connection = connection;
    this.name = name;
  }

  /** All keys that the setting has in Redis. */
  protected get keys(): readonly string[] {
    return [this.name];
  }

  /** Forgets the value, for all processes. */
  async clear({ signal }: WaitOptions = {}): Promise<void> {
    await this.run((client) => client.del(...this.keys), signal);
  }

  /** Seconds until the value is forgotten; undefined when it stays, or there is none. */
  async ttl({ signal }: WaitOptions = {}): Promise<number | undefined> {
    const seconds = await this.run((client) => client.ttl(this.name), signal);
    return seconds < 0 ? undefined : seconds;
  }

  /** Lets Redis forget the value after so many seconds. */
  async expire(seconds: number, { signal }: WaitOptions = {}): Promise<void> {
    await this.transaction((multi) => this.keys.map((key) => multi.expire(key, seconds)), signal);
  }

  /** Takes back {@link expire}. */
  async persist({ signal }: WaitOptions = {}): Promise<void> {
    await this.transaction((multi) => this.keys.map((key) => multi.persist(key)), signal);
  }

  protected async run<T>(command: (client: Client) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted();
    return abortable(command(this.#connection.client), signal);
  }

  /** Runs commands as one: no other process sees half of them done. Returns their answers. */
  protected transaction(fill: (multi: Transaction) => unknown, signal: AbortSignal | undefined): Promise<unknown[]> {
    return this.run((client) => transact(client, fill), signal);
  }
}

/** Sends commands as one transaction, and returns their answers. @throws what the first failed one threw */
export async function transact(client: Client, fill: (multi: Transaction) => unknown): Promise<unknown[]> {
  const multi = client.multi();
  fill(multi);
  return ((await multi.exec()) ?? []).map(([error, answer]) => {
    if (error) throw error;
    return answer;
  });
}
