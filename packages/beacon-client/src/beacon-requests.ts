import { abortable, deferred, within } from "@beamtime/concurrency";
import { errorMessage } from "@beamtime/errors";
import { type BeaconFrame, beaconMessage, ProtocolError } from "@beamtime/protocol";
import { BeaconError } from "./beacon-error.js";
import type { BeaconLink } from "./beacon-link.js";

/** What the server sends to a request: its answer, or one of several parts. */
export interface BeaconReply {
  readonly type: number;
  /** What follows the key, or all where there is no key. */
  readonly payload: Uint8Array;
}

export interface BeaconRequest<Answer> {
  readonly type: number;
  /** What follows the key; undefined for a bare key, null for no key at all. */
  readonly fields: string | undefined | null;
  /** Completes "cannot …", for messages: `read 'motors.yml'`. */
  readonly what: string;
  /** Whether it may be sent again when the connection was lost before the answer. */
  readonly isRead: boolean;
  /**
   * Called each time it is sent: makes what takes the replies, which returns the answer, or undefined while more replies
   * are to come, and throws ProtocolError, which tells what the server did, for a reply that does not belong.
   */
  receiver(): (reply: BeaconReply) => { readonly answer: Answer } | undefined;
}

interface Exchange {
  readonly type: number;
  receive(reply: BeaconReply): void;
  fail(reason: unknown): void;
}

/** How long the server may be silent while it is asked something, in seconds. */
const silenceSeconds = 10;

/** Longest time for one request, in seconds, however much the server says meanwhile. */
const longestSeconds = 60;

/** A request that loses the connection this often is what makes the server close it. */
const maxAttempts = 3;

const separator = 0x7c;
const decoder = new TextDecoder();

/** The requests of one client that are under way, any number at once, each with a key of its own. */
export class BeaconRequests {
  readonly #link: BeaconLink;
  readonly #exchanges = new Map<string, Exchange>();
  #nextKey = 1;
  /** Requests that lost a connection are repeated one after the other: one that breaks it breaks no other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(link: BeaconLink) {
    this.#link = link;
  }

  /**
   * Sends the request and waits for its answer, over any connection that is lost meanwhile.
   *
   * @throws BeaconError when the server does not answer, or loses the connection when asked to change something
   * @throws what the receiver throws; the signal's reason
   */
  async ask<Answer>(
    request: BeaconRequest<Answer>,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await (attempt === 1 ? this.#exchange(request, signal) : this.#inTurn(request, signal));
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
        if (!request.isRead || attempt === maxAttempts) throw this.#givenUp(request, error.cause);
      }
    }
  }

  /** Takes a frame that is no business of the locks. Answers to what nobody waits for any more are dropped. */
  receive({ type, payload }: BeaconFrame): void {
    if (type === beaconMessage.redisAnswer || (type === beaconMessage.unknown && payload.length === 0)) {
      const asked = [...this.#exchanges.values()].find((exchange) => exchange.type === beaconMessage.redisQuery);
      asked?.receive({ type, payload });
      return;
    }
    const end = payload.indexOf(separator);
    const key = decoder.decode(end < 0 ? payload : payload.subarray(0, end));
    const fields = end < 0 ? new Uint8Array() : payload.subarray(end + 1);
    this.#exchanges.get(key)?.receive({ type, payload: fields });
  }

  /** The connection is gone, and with it what was asked. */
  lose(why: Error | undefined): void {
    for (const exchange of [...this.#exchanges.values()])
      exchange.fail(new ConnectionLost("the connection was lost", { cause: why }));
  }

  #inTurn<Answer>(request: BeaconRequest<Answer>, signal: AbortSignal | undefined): Promise<Answer> {
    const exchanged = this.#turn.then(() => this.#exchange(request, signal));
    this.#turn = exchanged.catch(() => {});
    return abortable(exchanged, signal);
  }

  async #exchange<Answer>(request: BeaconRequest<Answer>, signal: AbortSignal | undefined): Promise<Answer> {
    const link = this.#link;
    await link.ready(request.what, { signal });
    const key = String(this.#nextKey++);
    const answered = deferred<Answer>();
    const receive = request.receiver();
    this.#exchanges.set(key, {
      type: request.type,
      fail: (reason) => answered.reject(reason),
      receive: (reply) => {
        try {
          const received = receive(reply);
          if (received) answered.resolve(received.answer);
        } catch (error) {
          answered.reject(error instanceof ProtocolError ? this.#notUnderstood(request, error) : error);
        }
      },
    });
    try {
      link.send(request.type, payloadOf(request, key));
      return await this.#answer(answered.promise, request, signal);
    } finally {
      this.#exchanges.delete(key);
    }
  }

  /** Waits for as long as the server says something, be it to others. */
  async #answer<Answer>(
    answered: Promise<Answer>,
    request: BeaconRequest<Answer>,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const { address, clock } = this.#link;
    const asked = clock.now();
    const silent = new BeaconError(
      address,
      `cannot ${request.what}: the Beacon server at ${address} has said nothing for ${silenceSeconds} s; check that it is not stopped or overloaded`,
    );
    for (;;) {
      const heard = Math.max(asked, this.#link.heardAt);
      const left = heard + silenceSeconds - clock.now();
      try {
        return await within(Math.max(0, left), answered, { clock, signal, late: () => silent });
      } catch (error) {
        if (error !== silent) throw error;
        if (this.#link.heardAt > heard && clock.now() - asked < longestSeconds) continue;
        if (this.#link.heardAt <= asked) this.#link.drop(silent);
        throw error;
      }
    }
  }

  #notUnderstood(request: BeaconRequest<unknown>, cause: ProtocolError): BeaconError {
    const { address } = this.#link;
    return new BeaconError(address, `cannot ${request.what}: the Beacon server at ${address} ${errorMessage(cause)}`, {
      cause,
    });
  }

  #givenUp(request: BeaconRequest<unknown>, cause: unknown): BeaconError {
    const { address } = this.#link;
    const reason = cause instanceof Error ? ` (${errorMessage(cause)})` : "";
    const advice = request.isRead
      ? "BLISS does so for paths outside of its configuration: check the path"
      : "it may or may not have been done: look before doing it again";
    return new BeaconError(
      address,
      `cannot ${request.what}: the Beacon server at ${address} closed the connection${reason}; ${advice}`,
      { cause },
    );
  }
}

class ConnectionLost extends Error {}

/** What to throw for a reply of another type than the request has. */
export function unexpectedReply({ type }: BeaconReply): ProtocolError {
  return new ProtocolError(
    type === beaconMessage.unknown
      ? "does not know that request"
      : `answered with message ${type}, which does not belong`,
  );
}

function payloadOf({ fields }: BeaconRequest<unknown>, key: string): string {
  if (fields === null) return "";
  return fields === undefined ? key : `${key}|${fields}`;
}
