import { abortable, type Clock, type Deferred, deferred } from "@beamtime/concurrency";
import { type RedisConnection, RedisError } from "@beamtime/redis";

/** Something to be written, in one command or a few. */
export interface QueuedWrite {
  /** Memory that it holds until it is answered. */
  readonly bytes: number;
  /**
   * Sends it and waits for the answers. Called again after a lost connection, when nobody knows whether the server has
   * done it: the outcome must be the same.
   */
  send(client: RedisConnection["client"], options: { readonly again: boolean }): Promise<void>;
}

export interface WriteQueueOptions {
  /** Makes the connection of its own that the queue uses, and closes in the end. */
  readonly connect: (options: { signal: AbortSignal }) => Promise<RedisConnection>;
  readonly clock: Clock;
  /** Seconds that a write may go unanswered before `onOutage`. */
  readonly outageLimit: number;
  /** Bytes waiting from which on writers should wait. */
  readonly highWater: number;
  /** A write has been unanswered for too long. The queue goes on trying. */
  readonly onOutage: (reason: Error | undefined) => void;
  /** The server refuses a write: the end of the queue. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Writes to one server, in order, one at a time: what is added while one is under way goes into the next. Nobody waits
 * for an answer but the queue. A lost connection is made anew and the unanswered write is sent again.
 */
export class WriteQueue {
  readonly #options: WriteQueueOptions;
  readonly #ending = new AbortController();
  #waiting: QueuedWrite[] = [];
  #bytes = 0;
  #connection: RedisConnection | undefined;
  #running: Promise<void> | undefined;
  #watching: Promise<void> | undefined;
  /** When the write under way was begun, by the clock; undefined while there is none. */
  #since: number | undefined;
  #lossReason: Error | undefined;
  #room: Deferred<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  readonly #idle = new Set<Deferred<void>>();

  constructor(options: WriteQueueOptions) {
    this.#options = options;
  }

  /** Memory held by what is not answered yet. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The write that comes last and is not under way: more may be put into it, and told by `grow`. */
  get last(): QueuedWrite | undefined {
    return this.#waiting.at(-1);
  }

  /** After a failure or the end writes are dropped. */
  add(write: QueuedWrite): void {
    if (this.#failure || this.#ending.signal.aborted) return;
    this.#waiting.push(write);
    this.grow(write.bytes);
    this.#running ??= this.#run();
    this.#watching ??= this.#watch();
  }

  grow(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Undefined while there is room, else a promise that resolves when there is again, or never will be. */
  pressure(): Promise<void> | undefined {
    if (this.#bytes <= this.#options.highWater || this.#failure || this.#ending.signal.aborted) return undefined;
    this.#room ??= deferred<void>();
    return this.#room.promise;
  }

  /** Resolves when everything is written. @throws what the server refused, or the signal's reason */
  async idle({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    if (this.#failure) throw this.#failure.error;
    if (!this.#running) return;
    const idle = deferred<void>();
    this.#idle.add(idle);
    try {
      await abortable(idle.promise, signal);
    } finally {
      this.#idle.delete(idle);
    }
  }

  /** Ends the queue; what is not written is lost. */
  async close(): Promise<void> {
    this.#ending.abort(new Error("the queue was closed"));
    this.#waiting = [];
    await this.#connection?.close();
    await Promise.all([this.#running, this.#watching]);
    this.#settle();
  }

  async #run(): Promise<void> {
    try {
      // what is told within one turn of the event loop goes together
      await new Promise((resolve) => setImmediate(resolve));
      for (let write = this.#waiting.shift(); write; write = this.#waiting.shift()) {
        this.#since = this.#options.clock.now();
        await this.#deliver(write);
        this.#bytes -= write.bytes;
        if (this.#room && this.#bytes <= this.#options.highWater / 2) this.#makeRoom();
      }
    } catch (error) {
      if (!this.#ending.signal.aborted) this.#fail(error);
    } finally {
      this.#since = undefined;
      this.#running = undefined;
      this.#settle();
    }
  }

  async #deliver(write: QueuedWrite): Promise<void> {
    for (let again = false; ; ) {
      this.#ending.signal.throwIfAborted();
      try {
        const { client } = await this.#connected();
        const sent = write.send(client, { again });
        again = true;
        return await sent;
      } catch (error) {
        if (!(error instanceof Error && isPassing(error))) throw error;
        this.#lossReason = error;
        await this.#options.clock.sleep(0.01, { signal: this.#ending.signal });
      }
    }
  }

  /** The connection, as soon as there is one. */
  async #connected(): Promise<RedisConnection> {
    const { signal } = this.#ending;
    this.#connection ??= await this.#options.connect({ signal });
    const connection = this.#connection;
    if (connection.client.status !== "ready") {
      const ready = deferred<void>();
      const forget = connection.onState((state) => state !== "lost" && ready.resolve());
      await abortable(ready.promise, signal).finally(forget);
    }
    return connection;
  }

  /** Reports once, when a write has been under way for too long. */
  async #watch(): Promise<void> {
    const { clock, outageLimit, onOutage } = this.#options;
    try {
      for (;;) {
        const left = this.#since === undefined ? outageLimit : this.#since + outageLimit - clock.now();
        if (left <= 0) return onOutage(this.#connection?.lastError ?? this.#lossReason);
        await clock.sleep(left, { signal: this.#ending.signal });
      }
    } catch (error) {
      if (!this.#ending.signal.aborted) throw error;
    }
  }

  #fail(error: unknown): void {
    this.#failure = { error };
    this.#waiting = [];
    this.#bytes = 0;
    this.#options.onFailure(error);
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }

  #settle(): void {
    this.#makeRoom();
    for (const idle of this.#idle) {
      if (this.#failure) idle.reject(this.#failure.error);
      else if (this.#ending.signal.aborted) idle.reject(this.#ending.signal.reason);
      else idle.resolve();
    }
    this.#idle.clear();
  }
}

/** Whether an error is one of a lost connection or of a server that is busy for the moment, after which to try again. */
function isPassing(error: Error): boolean {
  if (error.name === "ReplyError") return /^(LOADING|BUSY|TRYAGAIN) /.test(error.message);
  return (
    error instanceof RedisError || // no connection yet
    error.name === "AbortError" || // part of an answer had come
    error.name === "MaxRetriesPerRequestError" || // no answer had come
    "syscall" in error ||
    /^(Connection is closed|Stream isn't writeable)/.test(error.message)
  );
}
