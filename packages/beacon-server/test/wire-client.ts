import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { type Deferred, deferred } from "@beamtime/concurrency";
import { encodeFrame, FrameDecoder } from "@beamtime/protocol";

/** Type and payload of a message; the payload as text. */
export type Message = readonly [type: number, payload: string];

/** A client that speaks frames, for tests. */
export class WireClient implements AsyncDisposable {
  readonly socket: Socket;
  readonly #messages: { type: number; payload: Buffer }[] = [];
  readonly #frames = new FrameDecoder();
  #news: Deferred<void> = deferred();
  #isClosed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk) => {
      for (const { type, payload } of this.#frames.push(chunk)) {
        this.#messages.push({ type, payload: Buffer.from(payload) });
      }
      this.#tell();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#isClosed = true;
      this.#tell();
    });
  }

  static open(
    server: { readonly host: string; readonly port: number } | { readonly path: string },
  ): Promise<WireClient> {
    return new Promise((resolve, reject) => {
      const opened = (): void => resolve(new WireClient(socket));
      const socket = "path" in server ? connect(server.path, opened) : connect(server.port, server.host, opened);
      socket.once("error", reject);
    });
  }

  send(type: number, payload: string | Uint8Array = ""): void {
    this.socket.write(encodeFrame(type, payload));
  }

  /** The next message. @throws Error when the server closes the connection instead */
  async next(): Promise<Message> {
    const { type, payload } = await this.nextBytes();
    return [type, payload.toString()];
  }

  async nextBytes(): Promise<{ type: number; payload: Buffer }> {
    for (;;) {
      const message = this.#messages.shift();
      if (message) return message;
      if (this.#isClosed) throw new Error("the server closed the connection");
      await this.#news.promise;
    }
  }

  /** Sends a request and takes the next message as its answer. */
  ask(type: number, payload: string | Uint8Array = ""): Promise<Message> {
    this.send(type, payload);
    return this.next();
  }

  /** Takes messages up to one of type `last`, which is the last given. */
  async until(last: number): Promise<Message[]> {
    const messages: Message[] = [];
    for (;;) {
      const message = await this.next();
      messages.push(message);
      if (message[0] === last) return messages;
    }
  }

  /** How many messages wait to be taken. */
  get waiting(): number {
    return this.#messages.length;
  }

  async closed(): Promise<void> {
    while (!this.#isClosed) await this.#news.promise;
  }

  /** Ends the connection in order, and waits until the server has done so too. */
  async end(): Promise<void> {
    this.socket.end();
    await this.closed();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    await this.closed();
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = deferred();
  }
}
