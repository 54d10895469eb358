import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { hostname, userInfo } from "node:os";
import { abortable, type Clock, type Deferred, deferred } from "@beamtime/concurrency";
import { errorMessage } from "@beamtime/errors";
import type { CaAddress } from "./ca-addresses.js";
import {
  type CaMessage,
  CaMessageReader,
  caCommand,
  caMinorVersion,
  caText,
  encodeCaMessage,
  textOf,
} from "./ca-message.js";
import { caNormal, statusText } from "./ca-status.js";
import { EpicsProtocolError } from "./epics-error.js";

/** Seconds of silence after which the server is asked for a sign of life, and those that it has for it. */
const [patience, echoTime] = [15, 5];
/** Seconds that a server has to accept a connection. */
const connectTime = 5;

/** What a server lets us do with a channel. */
interface ChannelRights {
  readonly mayRead: boolean;
  readonly mayWrite: boolean;
}

/** A channel as its server knows it. */
export interface ServerChannel extends ChannelRights {
  /** By which the server knows it. */
  readonly sid: number;
}

/** What a circuit tells of one channel. */
export interface CircuitChannel {
  created(channel: ServerChannel): void;
  /** The server lets us do more, or less, than before. */
  allowed(rights: ChannelRights): void;
  /** The server has no such channel, or no longer. */
  refused(reason: string): void;
}

/** One TCP connection to a server, for all the channels there. */
export class CaCircuit {
  readonly address: CaAddress;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #channels = new Map<number, CircuitChannel>();
  readonly #rights = new Map<number, number>();
  readonly #requests = new Map<number, Deferred<CaMessage>>();
  readonly #subscriptions = new Map<number, (message: CaMessage) => void>();
  readonly #echoes: Deferred<void>[] = [];
  readonly #closing = new AbortController();
  readonly #lost = deferred<Error>();
  #lastId = 0;
  #heard = 0;

  private constructor(address: CaAddress, socket: Socket, clock: Clock) {
    this.address = address;
    this.#socket = socket;
    this.#clock = clock;
  }

  /** Connects. @throws what the system says, or the signal's reason */
  static async open(address: CaAddress, clock: Clock, signal: AbortSignal): Promise<CaCircuit> {
    const socket = connect({ ...address, noDelay: true });
    socket.on("error", () => {}); // told by `once`, later by "close"
    const timer = new AbortController();
    const stop = (): void => timer.abort(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    try {
      signal.throwIfAborted();
      const connected = once(socket, "connect", { signal: timer.signal });
      const late = clock.sleep(connectTime, { signal: timer.signal }).then(() => {
        throw new Error(`no connection within ${connectTime} s`);
      });
      await Promise.race([connected, late]);
    } catch (error) {
      socket.destroy();
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener("abort", stop);
      timer.abort();
    }
    const circuit = new CaCircuit(address, socket, clock);
    circuit.#begin();
    return circuit;
  }

  /** Resolves, with the reason, when the connection is no more. */
  get lost(): Promise<Error> {
    return this.#lost.promise;
  }

  get isLost(): boolean {
    return this.#closing.signal.aborted;
  }

  #begin(): void {
    const reader = new CaMessageReader();
    this.#socket.on("data", (piece: Buffer) => {
      this.#heard = this.#clock.now();
      try {
        for (const message of reader.push(piece)) this.#hear(message);
      } catch (error) {
        this.#end(error instanceof Error ? error : new EpicsProtocolError(String(error)));
      }
    });
    this.#socket.once("close", () => this.#end(new Error("the server has closed the connection")));
    this.#heard = this.#clock.now();
    this.#send({ command: caCommand.version, count: caMinorVersion });
    this.#send({ command: caCommand.clientName, payload: caText(userName()) });
    this.#send({ command: caCommand.hostName, payload: caText(hostname()) });
    this.#watch().catch((error: unknown) => {
      if (!this.#closing.signal.aborted) this.#end(new Error(errorMessage(error)));
    });
  }

  /** Finds out when the server, or the way to it, is dead without having said so. */
  async #watch(): Promise<never> {
    const { signal } = this.#closing;
    for (;;) {
      await this.#clock.sleep(patience, { signal });
      if (this.#clock.now() - this.#heard < patience) continue;
      const asked = this.#clock.now();
      this.#echo().promise.catch(() => {});
      await this.#clock.sleep(echoTime, { signal });
      if (this.#heard < asked) throw new Error(`no sign of life for ${patience + echoTime} s`);
    }
  }

  /** Makes a channel. */
  create(id: number, name: string, channel: CircuitChannel): void {
    this.#channels.set(id, channel);
    this.#send({ command: caCommand.createChannel, p1: id, p2: caMinorVersion, payload: caText(name) });
  }

  /**
   * Asks something that is answered under the number of the question.
   *
   * @throws Error with what the server says against it, or with why the connection was lost; the signal's reason
   */
  async request(
    message: Pick<CaMessage, "command" | "dataType"> & Partial<CaMessage>,
    signal: AbortSignal,
  ): Promise<CaMessage> {
    this.#closing.signal.throwIfAborted();
    const id = this.#nextId();
    const answer = deferred<CaMessage>();
    this.#requests.set(id, answer);
    try {
      this.#send({ count: 1, ...message, p2: id });
      const reply = await abortable(answer.promise, signal);
      if (reply.p1 !== caNormal) throw new Error(statusText(reply.p1));
      return reply;
    } finally {
      this.#requests.delete(id);
    }
  }

  /** Writes without an answer; resolves when the server has read it and said nothing against it. @throws as `request` */
  async write(message: Pick<CaMessage, "dataType" | "p1" | "payload">, signal: AbortSignal): Promise<void> {
    this.#closing.signal.throwIfAborted();
    const id = this.#nextId();
    const refusal = deferred<CaMessage>();
    this.#requests.set(id, refusal);
    try {
      this.#send({ ...message, command: caCommand.write, count: 1, p2: id });
      await abortable(Promise.race([this.#echo().promise, refusal.promise]), signal);
    } finally {
      this.#requests.delete(id);
    }
  }

  /** Asks for a sign of life: it comes when the server has read all that was sent before. */
  #echo(): Deferred<void> {
    const echo = deferred<void>();
    this.#echoes.push(echo);
    this.#send({ command: caCommand.echo });
    return echo;
  }

  /** Asks for each change of a channel. Returns the number to end that by. */
  subscribe(sid: number, dataType: number, listener: (message: CaMessage) => void): number {
    const id = this.#nextId();
    this.#subscriptions.set(id, listener);
    const payload = Buffer.alloc(16);
    payload.writeUInt16BE(valueOrAlarm, 12);
    this.#send({ command: caCommand.eventAdd, dataType, count: 1, p1: sid, p2: id, payload });
    return id;
  }

  unsubscribe(sid: number, dataType: number, id: number): void {
    if (!this.#subscriptions.delete(id)) return;
    this.#send({ command: caCommand.eventCancel, dataType, count: 1, p1: sid, p2: id });
  }

  /** Gives the connection up. */
  close(): void {
    this.#end(new Error("the connection was closed here"));
  }

  #nextId(): number {
    this.#lastId = (this.#lastId + 1) >>> 0;
    return this.#lastId;
  }

  #send(message: Parameters<typeof encodeCaMessage>[0]): void {
    if (!this.#socket.destroyed) this.#socket.write(encodeCaMessage(message));
  }

  #hear(message: CaMessage): void {
    const { command, p1, p2, payload } = message;
    switch (command) {
      case caCommand.readNotify:
      case caCommand.writeNotify:
        this.#requests.get(p2)?.resolve(message);
        return;
      case caCommand.eventAdd:
        // an empty one confirms the end of a subscription
        if (p1 === caNormal && payload.length > 0) this.#subscriptions.get(p2)?.(message);
        return;
      case caCommand.echo:
        this.#echoes.shift()?.resolve();
        return;
      case caCommand.accessRights:
        if (this.#channels.has(p1)) this.#rights.set(p1, p2);
        this.#channels.get(p1)?.allowed(rightsOf(p2));
        return;
      case caCommand.createChannel:
        this.#channels.get(p1)?.created({ sid: p2, ...rightsOf(this.#rights.get(p1) ?? readAndWrite) });
        return;
      case caCommand.createChannelFailed:
      case caCommand.serverDisconnect: {
        const channel = this.#channels.get(p1);
        this.#channels.delete(p1);
        channel?.refused("the server has no such channel any more");
        return;
      }
      case caCommand.error: {
        // the header of what was wrong, then a text
        const culprit = payload.length >= 16 ? payload.readUInt32BE(12) : undefined;
        const text = textOf(payload.subarray(16));
        const said = [statusText(p2), text].filter((part) => part !== "").join(": ");
        if (culprit !== undefined) this.#requests.get(culprit)?.reject(new Error(said));
        return;
      }
    }
  }

  #end(reason: Error): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(reason);
    this.#socket.destroy();
    for (const request of this.#requests.values()) request.reject(reason);
    for (const echo of this.#echoes) echo.reject(reason);
    this.#requests.clear();
    this.#subscriptions.clear();
    this.#lost.resolve(reason);
  }
}

/** Who asks, for the access rules of servers. In a container there may be a number only. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}

function rightsOf(bits: number): ChannelRights {
  return { mayRead: (bits & 1) !== 0, mayWrite: (bits & 2) !== 0 };
}

/** DBE_VALUE | DBE_ALARM. */
const valueOrAlarm = 5;
/** What servers that do not tell of rights give. */
const readAndWrite = 3;
