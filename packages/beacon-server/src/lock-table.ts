import { type Clock, type Deferred, deferred, systemClock } from "@beamtime/concurrency";

/** A connection, as the holder of locks. */
export interface LockHolder {
  /** Something it waits for was freed: it asks again. */
  retryLocks(): void;
  /** These names, joined by `|`, were taken from it by a higher priority; it acknowledges with the same text. */
  locksStolen(names: string): void;
}

interface Lock<Holder> {
  holder: Holder;
  count: number;
  priority: number;
}

interface Robbery {
  readonly victim: LockHolder;
  readonly names: string;
  readonly acknowledged: Deferred<void>;
}

/**
 * The named locks of a Beacon server: each has one holder, which may take it several times and gives it back as often.
 *
 * A name is obtainable when it is free, held by the same holder, or held with a strictly lower priority. Several names
 * are taken all or none.
 *
 * @see `beacon.md` §1.5
 */
export class LockTable<Holder extends LockHolder> {
  readonly #clock: Clock;
  readonly #patience: number;
  readonly #locks = new Map<string, Lock<Holder>>();
  readonly #waiting = new Map<Holder, Set<string>>();
  readonly #robberies = new Set<Robbery>();
  readonly #closing = new AbortController();

  /** @param patience seconds that a robbed holder has to acknowledge */
  constructor({ clock = systemClock, patience = 3 }: { clock?: Clock; patience?: number } = {}) {
    this.#clock = clock;
    this.#patience = patience;
  }

  /**
   * Takes all names and calls `granted`: at once, or when those who were robbed have acknowledged or run out of time.
   * Where one name is not obtainable nothing is taken, and the holder is told to retry when one of them becomes free.
   *
   * All that a holder waits for is remembered, the reference only its latest request: with several requests under way
   * on one connection it forgets the others, and a retry makes clients repeat all of theirs anyway.
   */
  lock(holder: Holder, priority: number, names: readonly string[], granted: () => void): void {
    const isObtainable = (name: string): boolean => {
      const lock = this.#locks.get(name);
      return lock === undefined || lock.holder === holder || lock.priority < priority;
    };
    if (!names.every(isObtainable)) {
      const waiting = this.#waiting.get(holder) ?? new Set();
      for (const name of names) waiting.add(name);
      this.#waiting.set(holder, waiting);
      return;
    }
    const robbed = new Map<Holder, string[]>();
    for (const name of names) {
      const lock = this.#locks.get(name);
      if (lock?.holder === holder) {
        lock.count += 1;
        lock.priority = Math.max(lock.priority, priority);
        continue;
      }
      if (lock) {
        const stolen = robbed.get(lock.holder);
        if (stolen) stolen.push(name);
        else robbed.set(lock.holder, [name]);
      }
      this.#locks.set(name, { holder, count: 1, priority });
    }
    if (robbed.size === 0) granted();
    else void this.#acknowledged(robbed).then(granted);
  }

  /** Gives names back once; those that are not held by the holder are ignored. */
  unlock(holder: Holder, names: readonly string[]): void {
    const freed: string[] = [];
    for (const name of names) {
      const lock = this.#locks.get(name);
      if (lock?.holder !== holder) continue;
      lock.count -= 1;
      if (lock.count > 0) continue;
      this.#locks.delete(name);
      freed.push(name);
    }
    this.#tellFreed(freed);
  }

  /** A robbed holder acknowledges: `names` as it was told them. */
  acknowledge(holder: Holder, names: string): void {
    for (const robbery of this.#robberies) {
      if (robbery.victim === holder && robbery.names === names) robbery.acknowledged.resolve();
    }
  }

  /** A holder has gone: all it held is free, and nobody waits for it. */
  release(holder: Holder): void {
    this.#waiting.delete(holder);
    for (const { victim, acknowledged } of this.#robberies) if (victim === holder) acknowledged.resolve();
    const freed = [...this.#locks].filter(([, lock]) => lock.holder === holder).map(([name]) => name);
    for (const name of freed) this.#locks.delete(name);
    this.#tellFreed(freed);
  }

  /** Those of the names that are held, in the order they are asked; without names all, in the order they were taken. */
  *held(names?: readonly string[]): Generator<readonly [name: string, holder: Holder]> {
    for (const name of names ?? this.#locks.keys()) {
      const lock = this.#locks.get(name);
      if (lock) yield [name, lock.holder];
    }
  }

  /** Ends the waits for acknowledgement. */
  close(): void {
    this.#closing.abort();
  }

  /** Tells those who were robbed, and waits until all have acknowledged, time is up or the table is closed. */
  async #acknowledged(robbed: ReadonlyMap<Holder, readonly string[]>): Promise<void> {
    const robberies = [...robbed].map(([victim, names]) => {
      return { victim, names: names.join("|"), acknowledged: deferred<void>() };
    });
    for (const robbery of robberies) {
      this.#robberies.add(robbery);
      robbery.victim.locksStolen(robbery.names);
    }
    const enough = new AbortController();
    const signal = AbortSignal.any([enough.signal, this.#closing.signal]);
    const impatience = this.#clock.sleep(this.#patience, { signal }).catch(() => {}); // it ends only by them
    await Promise.race([Promise.all(robberies.map(({ acknowledged }) => acknowledged.promise)), impatience]);
    enough.abort();
    for (const robbery of robberies) this.#robberies.delete(robbery);
  }

  #tellFreed(freed: readonly string[]): void {
    if (freed.length === 0) return;
    for (const [holder, names] of this.#waiting) {
      if (!freed.some((name) => names.has(name))) continue;
      this.#waiting.delete(holder);
      holder.retryLocks();
    }
  }
}
