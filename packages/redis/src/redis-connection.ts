import { hostname } from "node:os";
import { abortable } from "@beamtime/concurrency";
import { errorMessage } from "@beamtime/errors";
import { Redis, type RedisOptions } from "ioredis";
import { RedisError } from "./redis-error.js";
import { type RedisTarget, resolveTarget } from "./redis-target.js";

/** The database of scans and their data, on the server of its own that BLISS gives them. */
export const dataDatabase = 1;

/** The database of settings, on the settings server. */
export const settingsDatabase = 0;

/** `lost` connections come back to `ready` by themselves; `closed` is the end. */
export type ConnectionState = "ready" | "lost" | "closed";

/** What {@link connectRedis} does not decide by itself. */
type ExtraOptions = Omit<RedisOptions, "db" | "connectionName" | "lazyConnect" | "retryStrategy" | "replyMapping">;

type StateListener = (state: ConnectionState) => void;

export interface ConnectRedisOptions {
  /** Default: the one in the URL, else {@link dataDatabase}. */
  readonly db?: number | undefined;
  /** Name in CLIENT LIST. Default `<host>:<pid>`, as BLISS does. */
  readonly name?: string | undefined;
  /** Gives up connecting. */
  readonly signal?: AbortSignal | undefined;
  /** Anything else ioredis takes: `tls`, `username`, `password`, `maxRetriesPerRequest`, … */
  readonly ioredis?: ExtraOptions | undefined;
}

/** An open connection to one database of one server. Whoever made it closes it. */
export interface RedisConnection extends AsyncDisposable {
  /** The client: every Redis command. Its reconnections are taken care of. */
  readonly client: Redis;
  readonly db: number;
  readonly target: RedisTarget;
  /** `host:port` or socket path, for messages. */
  readonly address: string;
  readonly state: ConnectionState;
  /** What went wrong last, since the connection was last ready: why it was lost, or why it does not come back. */
  readonly lastError: Error | undefined;
  /** Calls `listener` at each change of state. Returns the way out. */
  onState(listener: StateListener): () => void;
  /** Another connection of its own to the same server, e.g. for blocking reads. @throws RedisError */
  duplicate(options?: ConnectRedisOptions): Promise<RedisConnection>;
  /** Closes; unanswered commands are rejected. Twice is fine. */
  close(): Promise<void>;
}

/** Longest pause between two attempts to reconnect, in ms. */
const longestPauseMs = 1000;

/**
 * Connects to a Redis server and selects the database.
 *
 * A connection lost later is made anew, with pauses of 50 ms growing to 1 s; commands given meanwhile wait for it, up
 * to ioredis' `maxRetriesPerRequest` attempts (20).
 *
 * @throws RedisError when the server cannot be reached, refuses the login or has no such database
 */
export async function connectRedis(target: RedisTarget, options: ConnectRedisOptions = {}): Promise<RedisConnection> {
  const { address, options: where } = resolveTarget(target);
  const db = options.db ?? where.db ?? dataDatabase;
  options.signal?.throwIfAborted();
  let wasReady = false;
  let lastError: Error | undefined;
  const retryStrategy = (attempt: number): number | null =>
    wasReady ? Math.min(25 * 2 ** attempt, longestPauseMs) : null;
  const tls = options.ioredis?.tls ?? where.tls; // a URL asks for TLS, its certificates are given beside
  const client = new Redis({
    protocol: 2, // what every server and every BLISS client speaks
    disableClientInfo: true,
    disconnectTimeout: 200,
    ...options.ioredis,
    ...where,
    ...(tls && { tls }),
    replyMapping: "legacy",
    db,
    connectionName: options.name ?? `${hostname()}:${process.pid}`,
    lazyConnect: true,
    retryStrategy,
    sentinelRetryStrategy: retryStrategy,
  });
  client.on("error", (error: Error) => {
    lastError = error;
  });
  try {
    await abortable(client.connect(), options.signal);
    // ioredis goes on in database 0 where SELECT was refused
    if (db !== 0) await abortable(client.select(db), options.signal);
  } catch (thrown) {
    client.disconnect();
    options.signal?.throwIfAborted();
    const cause = withoutCommand(lastError ?? thrown);
    throw new RedisError(
      `cannot connect to Redis at ${address}, database ${db}: ${errorMessage(cause)}; ${advice(cause)}`,
      { address, cause },
    );
  }
  wasReady = true;
  return new OpenConnection(client, target, address, db, options);
}

/** Errors of replies hold their command: that of AUTH has the password. */
function withoutCommand(cause: unknown): unknown {
  return cause instanceof Error && "command" in cause ? new Error(cause.message) : cause;
}

function advice(cause: unknown): string {
  const text = errorMessage(cause);
  if (/NOAUTH|WRONGPASS|AUTH/.test(text)) return "give the right username and password";
  if (/certificate|SSL|TLS/i.test(text)) return "give the certificate of its authority: ioredis.tls.ca";
  if (/DB index/.test(text)) return "the server has fewer databases: give another one";
  return "check that the server runs there and that the address is right";
}

class OpenConnection implements RedisConnection {
  readonly client: Redis;
  readonly target: RedisTarget;
  readonly address: string;
  readonly db: number;
  readonly #options: ConnectRedisOptions;
  readonly #listeners = new Set<StateListener>();
  #state: ConnectionState = "ready";
  #lastError: Error | undefined;

  constructor(client: Redis, target: RedisTarget, address: string, db: number, options: ConnectRedisOptions) {
    this.client = client;
    this.target = target;
    this.address = address;
    this.db = db;
    this.#options = options;
    client.on("error", (error: Error) => {
      this.#lastError = error;
    });
    client.on("ready", () => this.#enter("ready"));
    client.on("close", () => this.#enter("lost"));
    client.on("end", () => this.#enter("closed"));
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get lastError(): Error | undefined {
    return this.#lastError;
  }

  onState(listener: StateListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  duplicate(options: ConnectRedisOptions = {}): Promise<RedisConnection> {
    const ioredis = { ...this.#options.ioredis, ...options.ioredis };
    return connectRedis(this.target, { db: this.db, name: this.#options.name, ...options, ioredis });
  }

  async close(): Promise<void> {
    if (this.#state === "closed") return;
    // between two attempts there is no socket whose end ioredis could report: give it one, cut short at once
    if (this.client.status === "reconnecting") this.client.connect().catch(() => {});
    const ended = new Promise<void>((resolve) => {
      this.onState((state) => state === "closed" && resolve());
    });
    this.client.disconnect();
    await ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #enter(state: ConnectionState): void {
    if (state === this.#state || this.#state === "closed") return;
    this.#state = state;
    if (state === "ready") this.#lastError = undefined;
    for (const listener of [...this.#listeners]) listener(state);
  }
}
