import { type Deferred, deferred, within } from "@beamtime/concurrency";
import { ArgumentError, errorMessage } from "@beamtime/errors";
import { type BeaconFrame, beaconMessage } from "@beamtime/protocol";
import type { BeaconLink } from "./beacon-link.js";
import { type BeaconRequests, unexpectedReply } from "./beacon-requests.js";
import { Lock } from "./lock.js";
import { holdersText, LockError } from "./lock-error.js";

export interface AcquireOptions {
  /** Takes names from holders of a lower one. Default 50, as BLISS. */
  readonly priority?: number | undefined;
  /** How long to wait for names that others hold, in seconds; 0 only looks once. Default 10. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A request for names that is not granted yet. */
interface Waiting {
  /** Of the message 20; the server grants by sending it back. */
  readonly payload: string;
  readonly lock: Lock;
  readonly granted: Deferred<void>;
}

const defaultPriority = 50;
const defaultTimeout = 10;

/** BLISS remembers only the last request of a client: others are repeated after this time, in seconds. */
const repeatSeconds = 0.5;

/** How long others may keep names that were held when the connection was lost, in seconds. */
const retakeSeconds = 2;

/**
 * Locks by name that all processes of a beamline share, e.g. the names of axes. They belong to the client that takes
 * them: it may take the same name again, others wait. They end with it, at the latest.
 */
export class BeaconLocks {
  readonly #link: BeaconLink;
  readonly #requests: BeaconRequests;
  readonly #held = new Set<Lock>();
  readonly #waiting = new Set<Waiting>();
  /** Locks that are taken again after the connection was lost, until they are, are refused or are released. */
  readonly #retaking = new Map<Lock, AbortController>();

  constructor(link: BeaconLink, requests: BeaconRequests) {
    this.#link = link;
    this.#requests = requests;
  }

  /**
   * Takes all of the names, or none; waits for those that others hold. A connection that is lost meanwhile is made anew,
   * and the locks are taken again on it: one that somebody else has by then is `lost`.
   *
   * @throws LockError with the holders when the names are not free in time
   * @throws BeaconError when the server does not answer
   */
  async acquire(names: readonly string[], options: AcquireOptions = {}): Promise<Lock> {
    const { priority = defaultPriority, timeout = defaultTimeout, signal } = options;
    const unique = [...new Set(names)];
    if (unique.length === 0) throw new ArgumentError("names", "no lock has been named: give one name or more");
    for (const name of unique) {
      if (name === "" || name.includes("|")) {
        throw new ArgumentError("names", `'${name}' cannot be a lock: it must not be empty nor have a '|'`);
      }
    }
    if (!Number.isSafeInteger(priority)) throw new ArgumentError("priority", `${priority} is no integer`);
    await this.#link.ready(`lock ${unique.join(", ")}`, { signal });
    const lock = new Lock({ release: (lock) => this.#release(lock) }, unique, priority);
    try {
      const refusal = await this.#take(lock, timeout, signal);
      if (refusal) throw refusal;
      return lock;
    } catch (error) {
      if (this.#held.has(lock)) lock.release(); // granted just when it was given up
      throw error;
    }
  }

  /** Who holds which lock, by names of the locks: all that are held, or those of `names` that are. @throws BeaconError */
  async holders(
    names?: readonly string[],
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<ReadonlyMap<string, string>> {
    return this.#requests.ask(
      {
        type: beaconMessage.whoLocked,
        fields: names?.join("|"),
        what: "ask who holds locks",
        isRead: true,
        receiver: () => {
          const holders = new Map<string, string>();
          return (reply) => {
            if (reply.type === beaconMessage.whoLockedEnd) return { answer: holders };
            if (reply.type !== beaconMessage.whoLockedName) throw unexpectedReply(reply);
            const [name = "", ...holder] = new TextDecoder().decode(reply.payload).split("|");
            holders.set(name, holder.join("|"));
            return undefined;
          };
        },
      },
      { signal },
    );
  }

  /** Takes a frame of the server; false when it is no business of the locks. */
  receive({ type, payload }: BeaconFrame): boolean {
    switch (type) {
      case beaconMessage.lockOk:
        this.#grant(new TextDecoder().decode(payload));
        return true;
      case beaconMessage.lockRetry:
        for (const waiting of this.#waiting) this.#link.send(beaconMessage.lock, waiting.payload);
        return true;
      case beaconMessage.lockStolen:
        this.#link.send(beaconMessage.lockStolenOk, payload);
        this.#robbed(new TextDecoder().decode(payload).split("|"));
        return true;
      default:
        return false;
    }
  }

  /** The connection is gone; the server gives the locks to others. */
  disconnected(): void {
    for (const retaking of this.#retaking.values()) retaking.abort();
    this.#retaking.clear();
  }

  /** There is a new connection: asks again for the locks that are waited for, and takes again those that are held. */
  connected(): void {
    for (const waiting of this.#waiting) this.#link.send(beaconMessage.lock, waiting.payload);
    for (const lock of this.#held) this.#retake(lock).catch(() => {}); // never: what goes wrong is told by `lost`
  }

  /** Nothing is held any more: whoever holds a lock is told. */
  closed(): void {
    for (const lock of this.#held) {
      const names = lock.held;
      lock.lose(names, new LockError(`${names.join(", ")}: the lock ended with the connection to Beacon`, { names }));
    }
    this.#held.clear();
  }

  /** Asks for what the lock holds until it is granted; what to throw when it is not in time. */
  async #take(lock: Lock, timeout: number, signal: AbortSignal | undefined): Promise<LockError | undefined> {
    const { clock } = this.#link;
    const names = lock.held;
    const waiting: Waiting = { payload: [lock.priority, ...names].join("|"), lock, granted: deferred<void>() };
    const until = clock.now() + timeout;
    this.#waiting.add(waiting);
    try {
      this.#link.send(beaconMessage.lock, waiting.payload);
      for (let left = timeout; left > 0; left = until - clock.now()) {
        if (await this.#grantedWithin(Math.min(left, repeatSeconds), waiting, signal)) return undefined;
        if (this.#waiting.size > 1) this.#link.send(beaconMessage.lock, waiting.payload);
      }
      // its answer comes after that to the request for the locks, where that has one
      const holders = await this.holders(names, { signal });
      return this.#waiting.has(waiting) ? refused(names, holders, timeout) : undefined;
    } finally {
      this.#waiting.delete(waiting);
    }
  }

  async #grantedWithin(seconds: number, { granted }: Waiting, signal: AbortSignal | undefined): Promise<boolean> {
    const late = new Error("not yet");
    try {
      await within(seconds, granted.promise, { clock: this.#link.clock, signal, late: () => late });
      return true;
    } catch (error) {
      if (error !== late) throw error;
      return false;
    }
  }

  #grant(payload: string): void {
    for (const waiting of this.#waiting) {
      if (waiting.payload !== payload) continue;
      // at once: the next message may already take it away
      this.#waiting.delete(waiting);
      this.#held.add(waiting.lock);
      waiting.granted.resolve();
      return;
    }
    // nobody waits for it any more
    this.#link.send(beaconMessage.unlock, payload);
  }

  #release(lock: Lock): void {
    this.#held.delete(lock);
    this.#retaking.get(lock)?.abort();
    const waiting = [...this.#waiting].find((each) => each.lock === lock);
    // what is granted when nobody waits for it is given back
    if (waiting) this.#waiting.delete(waiting);
    else if (lock.held.length > 0) this.#link.send(beaconMessage.unlock, [lock.priority, ...lock.held].join("|"));
  }

  #robbed(names: readonly string[]): void {
    for (const lock of this.#held) {
      const robbed = lock.held.filter((name) => names.includes(name));
      if (robbed.length === 0) continue;
      const message = `${robbed.join(", ")}: the lock was taken by a request of a priority higher than ${lock.priority}`;
      lock.lose(robbed, new LockError(message, { names: robbed }));
    }
  }

  async #retake(lock: Lock): Promise<void> {
    const names = lock.held;
    if (names.length === 0) return;
    const retaking = new AbortController();
    this.#retaking.set(lock, retaking);
    try {
      const refusal = await this.#take(lock, retakeSeconds, retaking.signal);
      if (refusal) lock.lose(names, notRetaken(names, holdersText(refusal.holders), refusal));
    } catch (error) {
      // unless the connection is lost again, which brings another attempt, or the lock is released
      if (!retaking.signal.aborted) lock.lose(names, notRetaken(names, errorMessage(error), error));
    } finally {
      if (this.#retaking.get(lock) === retaking) this.#retaking.delete(lock);
    }
  }
}

function notRetaken(names: readonly string[], why: string, cause: unknown): LockError {
  const message = `${names.join(", ")}: the lock could not be taken again after the connection to Beacon was lost (${why})`;
  return new LockError(message, { names, cause, ...(cause instanceof LockError && { holders: cause.holders }) });
}

function refused(names: readonly string[], holders: ReadonlyMap<string, string>, timeout: number): LockError {
  const who =
    holders.size > 0 ? `held: ${holdersText(holders)}` : "held until just now, or one of them by a waiting client";
  return new LockError(
    `cannot lock ${names.join(", ")} within ${timeout} s: ${who}; wait for its release, or ask with a higher priority`,
    { names, holders },
  );
}
