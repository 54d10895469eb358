import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { type Clock, type Deferred, deferred } from "@beamtime/concurrency";
import type { CaAddress } from "./ca-addresses.js";
import { CaMessageReader, caCommand, caMinorVersion, caText, encodeCaMessage } from "./ca-message.js";

/** Seconds from the first question for a name to the second, and the longest between two later ones. */
const [firstPause, longestPause] = [0.05, 2];
/** "No answer wanted when you do not have it." */
const onlyWhenFound = 5;
/** The server is where its answer comes from. */
const sameHost = 0xffffffff;

/** Finds out by UDP which servers have process variables. */
export class CaSearch implements AsyncDisposable {
  readonly #addresses: readonly CaAddress[];
  readonly #clock: Clock;
  readonly #wanted = new Map<number, Deferred<CaAddress>>();
  #socket: Promise<Socket> | undefined;
  /** Why nothing could be sent lately. */
  lastFailure: unknown;

  constructor(addresses: readonly CaAddress[], clock: Clock) {
    this.#addresses = addresses;
    this.#clock = clock;
  }

  /** Asks again and again until a server says that it has the name. @param id of the channel @throws the signal's reason */
  async find(id: number, name: string, signal: AbortSignal): Promise<CaAddress> {
    const found = deferred<CaAddress>();
    this.#wanted.set(id, found);
    const asking = new AbortController();
    const stop = (): void => asking.abort(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    try {
      signal.throwIfAborted();
      return await Promise.race([found.promise, this.#ask(id, name, asking.signal)]);
    } finally {
      this.#wanted.delete(id);
      signal.removeEventListener("abort", stop);
      asking.abort();
    }
  }

  async #ask(id: number, name: string, signal: AbortSignal): Promise<never> {
    const version = encodeCaMessage({ command: caCommand.version, count: caMinorVersion });
    const search = { command: caCommand.search, dataType: onlyWhenFound, count: caMinorVersion, p1: id, p2: id };
    const question = Buffer.concat([version, encodeCaMessage({ ...search, payload: caText(name) })]);
    for (let pause = firstPause; ; pause = Math.min(2 * pause, longestPause)) {
      await this.#send(question);
      await this.#clock.sleep(pause, { signal });
    }
  }

  async #send(question: Buffer): Promise<void> {
    try {
      this.#socket ??= this.#open();
      const socket = await this.#socket;
      for (const { host, port } of this.#addresses) {
        socket.send(question, port, host, (error) => {
          if (error) this.lastFailure = error;
        });
      }
    } catch (error) {
      this.lastFailure = error;
      this.#socket = undefined;
    }
  }

  async #open(): Promise<Socket> {
    const socket = createSocket("udp4", (datagram, { address }) => this.#hear(datagram, address));
    socket.on("error", (error) => {
      this.lastFailure = error;
    });
    socket.bind(0);
    await once(socket, "listening");
    socket.setBroadcast(true);
    return socket;
  }

  #hear(datagram: Buffer, sender: string): void {
    try {
      for (const { command, dataType, p1, p2 } of new CaMessageReader().push(datagram)) {
        if (command !== caCommand.search || dataType === 0) continue;
        const host = p1 === sameHost ? sender : [p1 >>> 24, (p1 >>> 16) & 255, (p1 >>> 8) & 255, p1 & 255].join(".");
        this.#wanted.get(p2)?.resolve({ host, port: dataType });
      }
    } catch (error) {
      this.lastFailure = error; // anybody can send anything: the next datagram may be an answer
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const socket = await this.#socket?.catch(() => undefined);
    this.#socket = undefined;
    if (!socket) return;
    await new Promise<void>((resolve) => socket.close(() => resolve()));
  }
}
