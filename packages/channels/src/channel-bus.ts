import { type Clock, systemClock } from "@beamtime/concurrency";
import { errorMessage } from "@beamtime/errors";
import {
  type ChannelMessage,
  type ChannelValue,
  decodeChannelMessage,
  encodeChannelQuery,
  encodeChannelReply,
} from "@beamtime/protocol";
import type { RedisConnection } from "@beamtime/redis";
import type { BusMember, Outgoing } from "./bus-member.js";
import { ChannelError } from "./channel-error.js";
import { ChannelQuery } from "./channel-query.js";

/** The connections of a bus, and what closes those that are its own. */
export interface BusConnections {
  /** For subscriptions alone, without `autoResubscribe`. */
  readonly incoming: RedisConnection;
  readonly outgoing: RedisConnection;
  close(): Promise<void>;
}

/** Questions and answers that wait to be sent; the oldest are dropped beyond. */
const maxWaiting = 10_000;

/**
 * Carries the messages of all channels of a process over the settings Redis: one connection for what comes in, one for
 * what goes out. What is published in one go is sent in one go.
 *
 * After a loss of the connection it subscribes again, asks anew who has which value, and publishes what was set
 * meanwhile. Whoever connects closes, after the channels.
 *
 * @see BLISS `bliss/config/channels.py`, class `Bus`
 */
export class ChannelBus implements AsyncDisposable {
  readonly clock: Clock;
  readonly #members = new Map<string, BusMember>();
  readonly #queries = new Map<string, ChannelQuery>();
  /** Those that have something to publish. */
  readonly #dirty = new Set<BusMember>();
  #waiting: Outgoing[] = [];
  #connections: BusConnections | undefined;
  readonly #opening: Promise<void>;
  #failure: Error | undefined;
  #isFlushPlanned = false;

  /** @param open makes the connections; called at once */
  private constructor(open: () => Promise<BusConnections>, clock: Clock) {
    this.clock = clock;
    this.#opening = this.#open(open);
    this.#opening.catch((cause: unknown) => {
      const error = cause instanceof Error ? cause : new Error(errorMessage(cause));
      for (const member of this.#members.values()) member.warn(error);
      this.#fail(error);
    });
  }

  /**
   * A bus over a connection to the settings Redis, which publishes and stays the caller's; a second one, for what comes
   * in, is made and closed by the bus.
   *
   * @throws RedisError when the second connection cannot be made
   */
  static async connect(connection: RedisConnection, options: { readonly clock?: Clock } = {}): Promise<ChannelBus> {
    const bus = ChannelBus.opening(async () => {
      const incoming = await connection.duplicate({ ioredis: { autoResubscribe: false } });
      return { incoming, outgoing: connection, close: () => incoming.close() };
    }, options.clock);
    await bus.#opening;
    return bus;
  }

  /** A bus whose connections are still to be made; what goes out waits for them. A failure is told to its channels. */
  static opening(open: () => Promise<BusConnections>, clock: Clock = systemClock): ChannelBus {
    return new ChannelBus(open, clock);
  }

  /** What carries messages for the name now. */
  member(name: string): BusMember | undefined {
    return this.#members.get(name);
  }

  /** Carries messages for the member from now on. @throws the error for which the bus is closed or could not be opened */
  attach(member: BusMember): void {
    if (this.#failure) throw this.#failure;
    this.#members.set(member.name, member);
    if (this.#connections?.incoming.state === "ready") this.#subscribe([member], this.#connections);
  }

  /** Carries no more messages for the member. */
  detach(member: BusMember): void {
    if (this.#members.get(member.name) !== member) return;
    this.#members.delete(member.name);
    this.#dirty.delete(member);
    for (const query of this.#queries.values()) if (query.name === member.name) this.#queries.delete(query.id);
    if (this.#connections?.incoming.state === "ready") {
      this.#connections.incoming.client.unsubscribe(member.name).catch(() => {}); // gone with the connection then
    }
  }

  /** Publishes what the member has to say, when all that runs now has run. */
  publish(member: BusMember): void {
    this.#dirty.add(member);
    this.#flushSoon();
  }

  /** Asks all who have the channel for its value. @param onValue see {@link ChannelQuery} */
  ask(name: string, onValue: (value: ChannelValue | null) => void): ChannelQuery {
    const query = new ChannelQuery(name, onValue);
    this.#queries.set(query.id, query);
    this.#send({
      name,
      bytes: encodeChannelQuery(query),
      sent: (subscribers) => {
        query.expect(subscribers);
        if (query.isAnswered) this.#queries.delete(query.id);
      },
      failed: (error) => this.#warn(name, error),
      lost: () => true,
    });
    return query;
  }

  /** Ends its own connections; channels that are still open cannot publish any more. Twice is fine. */
  async close(): Promise<void> {
    this.#fail(new Error("the bus is closed"));
    await this.#opening.catch(() => {}); // told to the channels
    const connections = this.#connections;
    this.#connections = undefined;
    await connections?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(open: () => Promise<BusConnections>): Promise<void> {
    const connections = await open();
    this.#connections = connections;
    if (this.#failure) return;
    const { incoming, outgoing } = connections;
    incoming.client.on("messageBuffer", (name: Buffer, bytes: Buffer) => this.#receive(name.toString(), bytes));
    incoming.onState((state) => {
      if (state === "ready") this.#subscribe([...this.#members.values()], connections);
      else this.#unsubscribed();
    });
    outgoing.onState((state) => {
      if (state === "ready") this.#flushSoon();
      else if (state === "closed") this.#fail(new Error("the connection to Redis is closed"));
    });
    if (incoming.state === "ready") this.#subscribe([...this.#members.values()], connections);
    this.#flushSoon();
  }

  #fail(error: Error): void {
    if (this.#failure) return;
    this.#failure = error;
    this.#queries.clear();
    for (const member of [...this.#members.values()]) member.fail(error);
    for (const message of this.#waiting.splice(0)) message.failed(error);
  }

  #warn(name: string, error: Error): void {
    if (!this.#failure) this.#members.get(name)?.warn(error);
  }

  #subscribe(members: readonly BusMember[], { incoming }: BusConnections): void {
    if (members.length === 0) return;
    incoming.client.subscribe(...members.map(({ name }) => name)).then(
      () => {
        for (const member of members) if (this.#members.get(member.name) === member) member.subscribed();
      },
      (cause: unknown) => {
        if (incoming.state !== "ready") return; // all is subscribed with the next connection
        for (const member of members) {
          member.warn(new ChannelError(member.name, `cannot be subscribed: ${errorMessage(cause)}`, { cause }));
        }
      },
    );
  }

  #unsubscribed(): void {
    this.#queries.clear();
    for (const member of this.#members.values()) member.unsubscribed();
  }

  #receive(name: string, bytes: Uint8Array): void {
    const member = this.#members.get(name);
    let message: ChannelMessage;
    try {
      message = decodeChannelMessage(bytes);
    } catch (cause) {
      member?.warn(
        new ChannelError(name, `a message cannot be read and is ignored: ${errorMessage(cause)}`, { cause }),
      );
      return;
    }
    switch (message.kind) {
      case "value":
        member?.receive(message);
        break;
      case "reply": {
        const query = this.#queries.get(message.id);
        query?.receive(message.value);
        if (query?.isAnswered) this.#queries.delete(query.id);
        break;
      }
      case "query":
        this.#answer(name, message.id);
        break;
    }
  }

  /** Whoever asks counts on an answer of each subscriber, also of one that has just left. */
  #answer(name: string, id: string): void {
    this.#send({
      name,
      bytes: encodeChannelReply({ name, id, value: this.#members.get(name)?.held ?? null }),
      sent: () => {},
      failed: (error) => this.#warn(name, error),
      lost: () => true,
    });
  }

  #send(message: Outgoing): void {
    if (this.#failure) {
      message.failed(this.#failure);
      return;
    }
    this.#waiting.push(message);
    if (this.#waiting.length > maxWaiting) this.#waiting.shift();
    this.#flushSoon();
  }

  #flushSoon(): void {
    if (this.#isFlushPlanned) return;
    this.#isFlushPlanned = true;
    queueMicrotask(() => {
      this.#isFlushPlanned = false;
      this.#flush().catch(() => {}); // each message has been told
    });
  }

  async #flush(): Promise<void> {
    const outgoing = this.#connections?.outgoing;
    if (outgoing?.state !== "ready") return;
    const values = [...this.#dirty].map((member) => member.take()).filter((message) => message !== undefined);
    const messages = [...this.#waiting, ...values];
    this.#dirty.clear();
    this.#waiting = [];
    if (messages.length === 0) return;
    const pipeline = outgoing.client.pipeline();
    for (const { name, bytes } of messages) {
      pipeline.publish(name, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    }
    const replies = await pipeline.exec().catch(() => null);
    for (const [index, message] of messages.entries()) {
      const [error, subscribers] = replies?.[index] ?? [undefined, undefined];
      if (typeof subscribers === "number") message.sent(subscribers);
      else if (error && outgoing.state === "ready") {
        message.failed(new ChannelError(message.name, `Redis refuses to publish: ${error.message}`, { cause: error }));
      } else if (message.lost()) this.#send(message);
    }
  }
}
