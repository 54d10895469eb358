import type { Clock } from "./clock.js";
import { sleepError } from "./sleep-error.js";

interface Sleeper {
  readonly at: number;
  readonly order: number;
  wake(): void;
}

/**
 * A clock whose time passes only when nobody has anything else to do.
 *
 * `run` drives a task to its end: while the task works, time stands still; when all of it sleeps, the clock jumps to
 * the next waking. Sleepers of one instant wake in the order they went to sleep, so runs are repeatable.
 */
export class VirtualClock implements Clock {
  #now = 0;
  #order = 0;
  readonly #origin: number;
  readonly #sleepers: Sleeper[] = [];

  /** @param origin wall time, in seconds since 1970, of the instant 0 */
  constructor(origin = 1_700_000_000) {
    this.#origin = origin;
  }

  now(): number {
    return this.#now;
  }

  epoch(): number {
    return this.#origin + this.#now;
  }

  sleep(seconds: number, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (Number.isNaN(seconds)) return Promise.reject(sleepError());
    return new Promise<void>((resolve, reject) => {
      const sleeper: Sleeper = {
        at: this.#now + Math.max(0, seconds),
        order: this.#order++,
        wake: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      const onAbort = (): void => {
        const index = this.#sleepers.indexOf(sleeper);
        if (index >= 0) this.#sleepers.splice(index, 1);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#insert(sleeper);
    });
  }

  /** How many are asleep. */
  get sleepers(): number {
    return this.#sleepers.length;
  }

  /** Lets time pass up to `seconds` from now, waking whoever is due on the way. */
  async advance(seconds: number): Promise<void> {
    const until = this.#now + seconds;
    await settle();
    for (let next = this.#sleepers[0]; next && next.at <= until; next = this.#sleepers[0]) {
      this.#wakeNext();
      await settle();
    }
    this.#now = until;
  }

  /**
   * Runs a task to its end, jumping from waking to waking whenever everything sleeps. Where nobody sleeps, or for ever
   * only, it waits for what comes from outside (a socket, a child process).
   */
  async run<T>(task: Promise<T> | (() => Promise<T>)): Promise<T> {
    const running = typeof task === "function" ? task() : task;
    let done = false;
    const finish = (): void => {
      done = true;
    };
    running.then(finish, finish);
    await settle();
    while (!done) {
      this.#wakeNext();
      await settle();
    }
    return running;
  }

  #wakeNext(): void {
    const next = this.#sleepers[0];
    if (!next || next.at === Number.POSITIVE_INFINITY) return;
    this.#sleepers.shift();
    this.#now = Math.max(this.#now, next.at);
    next.wake();
  }

  #insert(sleeper: Sleeper): void {
    let low = 0;
    let high = this.#sleepers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#sleepers[middle];
      if (other && other.at <= sleeper.at) low = middle + 1;
      else high = middle;
    }
    this.#sleepers.splice(low, 0, sleeper);
  }
}

/** Lets every promise that can go on do so. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
