import { type Clock, systemClock, within } from "@beamtime/concurrency";
import { ArgumentError, errorMessage } from "@beamtime/errors";
import type { Line, RequestOptions, TextRequestOptions } from "./line.js";
import { ConnectionEnd, ConnectionFlood, LineConnection, type OpenStream } from "./line-connection.js";
import {
  LineClosedError,
  LineError,
  LineLostError,
  LineOverflowError,
  LineTimeoutError,
  LineUnreachableError,
} from "./line-error.js";
import type { LineReader } from "./line-reader.js";
import { LineTrace, type TraceEntry } from "./line-trace.js";
import { readableBytes } from "./readable-bytes.js";
import { RequestQueue } from "./request-queue.js";

/** What every kind of line may be given. */
export interface LineOptions {
  /** For messages and the trace. Default: where the device is. */
  readonly name?: string | undefined;
  /** Seconds that a request may take, waiting for its turn and connecting not counted. Default 3. */
  readonly timeout?: number | undefined;
  /** Seconds that connecting may take. Default 3. */
  readonly connectTimeout?: number | undefined;
  /** What ends an answer. Default: a line feed. */
  readonly terminator?: string | undefined;
  /** Of requests and answers given as text. Default `utf8`. */
  readonly encoding?: "utf8" | "latin1" | "ascii" | undefined;
  /** Most bytes of an answer. Default 1 MiB. */
  readonly maxAnswer?: number | undefined;
  /** Most requests that may wait for their turn. Default 256. */
  readonly maxWaiting?: number | undefined;
  /** How many entries of the trace are remembered. Default 200. */
  readonly traceLength?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** Bytes of a request that a message shows. */
const shownBytes = 60;

/** A line over any stream of bytes; a subclass opens it. */
export abstract class StreamLine implements Line {
  readonly name: string;
  protected readonly clock: Clock;
  readonly #timeout: number;
  readonly #connectTimeout: number;
  readonly #terminator: string;
  readonly #encoding: BufferEncoding;
  readonly #maxAnswer: number;
  readonly #queue: RequestQueue;
  readonly #trace: LineTrace;
  #connection: LineConnection | undefined;
  #opening: AbortController | undefined;
  /** An answer may still arrive that nobody wants. */
  #isStale = false;
  #isClosed = false;

  /** @throws ArgumentError for options that make no sense */
  constructor(name: string, options: LineOptions) {
    const { timeout = 3, connectTimeout = 3, maxAnswer = 2 ** 20, maxWaiting = 256, traceLength = 200 } = options;
    for (const [argument, value] of Object.entries({ timeout, connectTimeout, maxAnswer })) {
      if (!(value > 0))
        throw new ArgumentError(argument, `${argument} of ${name} is ${value}; expected a positive number`);
    }
    for (const [argument, value] of Object.entries({ maxWaiting, traceLength })) {
      if (!(value >= 0)) throw new ArgumentError(argument, `${argument} of ${name} is ${value}; expected 0 or more`);
    }
    this.name = options.name ?? name;
    this.clock = options.clock ?? systemClock;
    this.#timeout = timeout;
    this.#connectTimeout = connectTimeout;
    this.#terminator = options.terminator ?? "\n";
    this.#encoding = options.encoding ?? "utf8";
    this.#maxAnswer = maxAnswer;
    this.#queue = new RequestQueue({ line: this.name, maxWaiting });
    this.#trace = new LineTrace({ line: this.name, length: traceLength, clock: this.clock });
  }

  /**
   * Opens the stream. When the signal aborts it gives up and lets go of everything.
   *
   * @throws what is in the way; the message of LineUnreachableError tells it
   */
  protected abstract open(signal: AbortSignal): Promise<OpenStream>;

  /** What to do when it cannot be opened. */
  protected abstract readonly remedy: string;

  /**
   * Seconds of silence after which no late answer is expected, for lines where a new connection would hear it too; undefined
   * where a new connection is enough.
   */
  protected readonly quiet: number | undefined = undefined;

  get isOpen(): boolean {
    return this.#connection?.isOpen ?? false;
  }

  get trace(): readonly TraceEntry[] {
    return this.#trace.entries;
  }

  onTrace(listener: (entry: TraceEntry) => void): () => void {
    return this.#trace.listen(listener);
  }

  async write(request: string | Uint8Array, options: RequestOptions = {}): Promise<void> {
    await this.exchange(request, async () => {}, options);
  }

  writeRead(request: string | Uint8Array, options: TextRequestOptions = {}): Promise<string> {
    return this.exchange(request, (reader) => reader.readUntil(options.terminator), options);
  }

  writeReadBytes(request: string | Uint8Array, count: number, options: RequestOptions = {}): Promise<Uint8Array> {
    return this.exchange(request, (reader) => reader.readBytes(count), options);
  }

  exchange<T>(
    request: string | Uint8Array | undefined,
    receive: (reader: LineReader) => Promise<T>,
    options: RequestOptions = {},
  ): Promise<T> {
    const bytes = typeof request === "string" ? Buffer.from(request, this.#encoding) : request;
    const { signal, repeatable = false } = options;
    return this.#queue.run(async () => {
      try {
        return await this.#carryOut(bytes, receive, options);
      } catch (error) {
        if (!repeatable || !(error instanceof LineLostError)) throw error;
        this.#trace.add("note", "sent once more");
      }
      return await this.#carryOut(bytes, receive, options);
    }, signal);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#queue.close();
    this.#opening?.abort(new LineClosedError(this.name));
    const connection = this.#connection;
    connection?.end(new ConnectionEnd("closed"));
    await connection?.closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #carryOut<T>(
    bytes: Uint8Array | undefined,
    receive: (reader: LineReader) => Promise<T>,
    { signal, timeout = this.#timeout }: RequestOptions,
  ): Promise<T> {
    const connection = await this.#connected(signal);
    const request = bytes ? readableBytes(bytes, shownBytes) : "a read";
    const reader = this.#reader(connection);
    const exchanged = async (): Promise<T> => {
      if (bytes) {
        const unread = connection.discard();
        if (unread > 0) this.#trace.add("note", `threw away ${unread} bytes that arrived before the request`);
        this.#trace.add("sent", bytes);
        await connection.write(bytes);
      }
      return await receive(reader);
    };
    const late = (): Error => new LineTimeoutError(this.name, request, timeout);
    try {
      return await within(timeout, exchanged(), { clock: this.clock, signal, late });
    } catch (error) {
      const told = this.#told(error, request);
      this.#abandon(connection, told);
      throw told;
    } finally {
      reader.end();
    }
  }

  #reader(connection: LineConnection): LineReader & { end(): void } {
    let hasEnded = false;
    const check = (): void => {
      if (hasEnded) throw new ConnectionEnd(`the request on ${this.name} is over: nothing more is read for it`);
    };
    return {
      readUntil: async (terminator = this.#terminator) => {
        check();
        return (await connection.readUntil(Buffer.from(terminator, this.#encoding))).toString(this.#encoding);
      },
      readBytes: async (count) => {
        check();
        return await connection.readBytes(count);
      },
      readSome: async () => {
        check();
        return await connection.readSome();
      },
      end: () => {
        hasEnded = true;
      },
    };
  }

  /** What a failed request throws. */
  #told(error: unknown, request: string): unknown {
    if (!(error instanceof ConnectionEnd)) return error;
    if (this.#isClosed) return new LineClosedError(this.name);
    if (error instanceof ConnectionFlood) return new LineOverflowError(this.name, request, this.#maxAnswer);
    return new LineLostError(this.name, request, error.message, { cause: error.cause });
  }

  /** Sees to it that what still arrives for a failed request is not read by another one. */
  #abandon(connection: LineConnection, error: unknown): void {
    if (this.quiet === undefined || !connection.isOpen || error instanceof LineOverflowError) {
      connection.end(new ConnectionEnd(`dropped: ${errorMessage(error)}`));
      return;
    }
    this.#isStale = true;
    connection.interrupt(error);
  }

  /** The connection that stands, or a new one. */
  async #connected(signal: AbortSignal | undefined): Promise<LineConnection> {
    if (this.#isClosed) throw new LineClosedError(this.name);
    let connection = this.#connection;
    if (!connection?.isOpen) {
      await connection?.closed;
      connection = await this.#connect(signal);
    }
    if (this.#isStale && this.quiet !== undefined) await this.#waitForQuiet(connection, this.quiet, signal);
    this.#isStale = false;
    return connection;
  }

  async #connect(signal: AbortSignal | undefined): Promise<LineConnection> {
    const opening = new AbortController();
    this.#opening = opening;
    const late = (): Error => new Error(`no answer within ${this.#connectTimeout} s`);
    const opened = this.open(opening.signal);
    try {
      const stream = await within(this.#connectTimeout, opened, { clock: this.clock, signal, late });
      this.#trace.add("note", "connected");
      this.#connection = new LineConnection(stream, {
        maxAnswer: this.#maxAnswer,
        onReceived: (bytes) => this.#trace.add("received", bytes),
        onEnd: (why) => this.#trace.add("note", `lost: ${why}`),
      });
      return this.#connection;
    } catch (error) {
      opening.abort(error);
      opened.then(
        (stream) => stream.destroy(),
        () => {},
      );
      if (signal?.aborted) throw signal.reason;
      if (this.#isClosed) throw new LineClosedError(this.name);
      if (error instanceof LineError) throw error;
      this.#trace.add("note", `cannot be reached: ${failureText(error)}`);
      const message = `${this.name} cannot be reached: ${failureText(error)}; ${this.remedy}`;
      throw new LineUnreachableError(this.name, message, { cause: error });
    } finally {
      this.#opening = undefined;
    }
  }

  /** Throws away what arrives until nothing has for a while. @throws LineUnreachableError when it never ends */
  async #waitForQuiet(connection: LineConnection, seconds: number, signal: AbortSignal | undefined): Promise<void> {
    const until = this.clock.now() + this.#connectTimeout + seconds;
    for (let thrownAway = 1; thrownAway > 0; ) {
      if (this.clock.now() > until) {
        const message = `${this.name} does not fall silent after a request that was given up: see what it sends`;
        throw new LineUnreachableError(this.name, message);
      }
      await this.clock.sleep(seconds, { signal });
      thrownAway = connection.discard();
      if (thrownAway > 0) this.#trace.add("note", `threw away ${thrownAway} bytes of a late answer`);
    }
  }
}

/** A sentence also of the errors of several addresses, which have none of their own. */
function failureText(error: unknown): string {
  if (error instanceof AggregateError && !error.message) return [...new Set(error.errors.map(errorMessage))].join(", ");
  return errorMessage(error);
}
