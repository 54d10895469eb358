import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { type Deferred, deferred } from "@beamtime/concurrency";
import { errorMessage } from "@beamtime/errors";
import { type BeaconFrame, beaconMessage, FrameDecoder } from "@beamtime/protocol";
import { answer, type Client, type Services } from "./answers.js";
import { messageBytes } from "./message-bytes.js";

const loopback = /^(127\.|::1$|::ffff:127\.)/i;

export interface ConnectionOptions {
  readonly maxPayload: number;
  /** Called once when the client has to be dropped. */
  readonly onRefused: (message: string) => void;
}

/**
 * One client. Its requests are answered one after the other in the order they came. One that does not read its answers
 * is not read from either, so that it costs no more memory than one answer, and nobody else waits for it.
 */
export class Connection implements Client {
  name = "";
  readonly isLocal: boolean;
  readonly reachedAddress: string;
  readonly #socket: Socket;
  readonly #services: Services;
  readonly #options: ConnectionOptions;
  readonly #frames: FrameDecoder;
  #requests: BeaconFrame[] = [];
  #isServing = false;
  #drain: Deferred<void> | undefined;

  /** Takes over the socket. */
  constructor(socket: Socket, services: Services, options: ConnectionOptions) {
    this.#socket = socket;
    this.#services = services;
    this.#options = options;
    this.#frames = new FrameDecoder(options);
    // a Unix socket has no addresses
    this.isLocal = socket.remoteAddress === undefined || loopback.test(socket.remoteAddress);
    this.reachedAddress = socket.localAddress ?? "";
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000); // a client whose machine has gone gives back its locks
    socket.on("data", (chunk) => this.#read(chunk));
    socket.on("drain", () => this.#drained());
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      services.locks.release(this);
      this.#drained();
    });
  }

  get isOpen(): boolean {
    return this.#socket.writable;
  }

  send(type: number, ...parts: readonly (string | Uint8Array)[]): void {
    if (!this.isOpen) return;
    this.#gather();
    this.#socket.write(messageBytes(type, ...parts));
  }

  flushed(): Promise<void> | undefined {
    if (!this.#socket.writableNeedDrain || this.#socket.destroyed) return undefined;
    this.#drain ??= deferred<void>();
    return this.#drain.promise;
  }

  retryLocks(): void {
    this.send(beaconMessage.lockRetry);
  }

  locksStolen(names: string): void {
    this.send(beaconMessage.lockStolen, names);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    let frames: BeaconFrame[];
    try {
      frames = this.#frames.push(chunk);
    } catch (error) {
      this.#options.onRefused(errorMessage(error)); // not a Beacon client, or one that is out of step
      this.#socket.destroy();
      return;
    }
    if (frames.length === 0) return;
    this.#requests = this.#requests.length === 0 ? frames : this.#requests.concat(frames);
    if (this.#isServing) this.#socket.pause();
    else void this.#serve();
  }

  async #serve(): Promise<void> {
    this.#isServing = true;
    while (this.#requests.length > 0 && this.isOpen) {
      const requests = this.#requests;
      this.#requests = [];
      for (const { type, payload } of requests) {
        const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
        const pending = answer(this, type, bytes, this.#services);
        if (pending) await pending;
        if (this.#socket.writableNeedDrain) await this.flushed();
      }
    }
    this.#requests = [];
    this.#isServing = false;
    this.#socket.resume();
  }

  /** What is sent at once leaves in one piece. */
  #gather(): void {
    if (this.#socket.writableCorked > 0) return;
    this.#socket.cork();
    process.nextTick(() => this.#socket.uncork());
  }

  #drained(): void {
    this.#drain?.resolve();
    this.#drain = undefined;
  }
}
