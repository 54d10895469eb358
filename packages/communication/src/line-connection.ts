import type { Duplex } from "node:stream";
import { type Deferred, deferred } from "@beamtime/concurrency";
import { errorMessage } from "@beamtime/errors";
import { ReceiveBuffer } from "./receive-buffer.js";

/** An open connection as a kind of line makes it. */
export interface OpenStream {
  readonly stream: Duplex;
  /** Ends it now; the stream then emits `close`. */
  destroy(): void;
}

/** Why a connection gives no more bytes. */
export class ConnectionEnd extends Error {}

/** More bytes wait than are allowed. */
export class ConnectionFlood extends ConnectionEnd {}

export interface LineConnectionOptions {
  /** Most bytes that may wait to be read. */
  readonly maxAnswer: number;
  readonly onReceived: (bytes: Uint8Array) => void;
  /** It has ended; `why` is a sentence. */
  readonly onEnd: (why: string) => void;
}

/** One connection from its opening to its end: what arrives is kept until it is read, also after the end. */
export class LineConnection {
  /** Resolves when the stream is closed. */
  readonly closed: Promise<void>;
  readonly #open: OpenStream;
  readonly #options: LineConnectionOptions;
  readonly #buffer = new ReceiveBuffer();
  #end: ConnectionEnd | undefined;
  /** Who waits for more bytes, or for the end. */
  #more: Deferred<void> | undefined;

  constructor(open: OpenStream, options: LineConnectionOptions) {
    this.#open = open;
    this.#options = options;
    const closed = deferred<void>();
    this.closed = closed.promise;
    const { stream } = open;
    stream.on("data", (chunk: Buffer) => this.#receive(chunk));
    stream.on("error", (error) => this.end(new ConnectionEnd(errorMessage(error), { cause: error })));
    stream.on("end", () => this.end(new ConnectionEnd("the device closed the connection")));
    stream.on("close", (error: unknown) => {
      const why = error instanceof Error ? error.message : "the connection was closed";
      this.end(new ConnectionEnd(why, { cause: error }));
      closed.resolve();
    });
    if (stream.destroyed) {
      this.end(new ConnectionEnd("the device closed the connection at once"));
      closed.resolve();
    }
  }

  get isOpen(): boolean {
    return this.#end === undefined;
  }

  /** Resolves when the system has taken the bytes. @throws ConnectionEnd */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#end) throw this.#end;
    await new Promise<void>((resolve, reject) => {
      this.#open.stream.write(bytes, (error) => {
        if (error) reject(this.#end ?? new ConnectionEnd(errorMessage(error), { cause: error }));
        else resolve();
      });
    });
  }

  /** The bytes up to the terminator, which is taken out with them. @throws ConnectionEnd */
  async readUntil(terminator: Uint8Array): Promise<Buffer> {
    this.#buffer.restartSearch();
    for (;;) {
      const place = this.#buffer.search(terminator);
      if (place >= 0) return this.#buffer.take(place + terminator.length).subarray(0, place);
      await this.#untilMore();
    }
  }

  /** @throws ConnectionEnd */
  async readBytes(count: number): Promise<Buffer> {
    if (count > this.#options.maxAnswer) throw this.#flood();
    while (this.#buffer.length < count) await this.#untilMore();
    return this.#buffer.take(count);
  }

  /** What there is, one byte at least. @throws ConnectionEnd */
  async readSome(): Promise<Buffer> {
    while (this.#buffer.length === 0) await this.#untilMore();
    return this.#buffer.take(this.#buffer.length);
  }

  /** Throws away what has arrived. Returns how many bytes that were. */
  discard(): number {
    return this.#buffer.take(this.#buffer.length).length;
  }

  /** Makes a read in progress throw; the connection stays. */
  interrupt(reason: unknown): void {
    this.#more?.reject(reason);
    this.#more = undefined;
  }

  /** Ends the connection. A read that needs more than has arrived throws `reason`. */
  end(reason: ConnectionEnd): void {
    if (this.#end) return;
    this.#end = reason;
    this.#options.onEnd(reason.message);
    this.interrupt(reason);
    this.#open.destroy();
  }

  #receive(chunk: Buffer): void {
    if (this.#end) return;
    this.#options.onReceived(chunk);
    if (this.#buffer.length + chunk.length > this.#options.maxAnswer) {
      this.end(this.#flood());
      return;
    }
    this.#buffer.append(chunk);
    this.#more?.resolve();
    this.#more = undefined;
  }

  #flood(): ConnectionFlood {
    return new ConnectionFlood(`more than ${this.#options.maxAnswer} bytes arrived at once`);
  }

  #untilMore(): Promise<void> {
    if (this.#end) return Promise.reject(this.#end);
    this.#more ??= deferred<void>();
    return this.#more.promise;
  }
}
