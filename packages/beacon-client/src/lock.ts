import type { LockError } from "./lock-error.js";

/** What a lock needs of those who made it. */
export interface LockOwner {
  /** Gives the names back; called once. */
  release(lock: Lock): void;
}

/** Names that this client holds until it releases them. Beacon counts: a client may hold a name several times. */
export class Lock implements AsyncDisposable {
  readonly names: readonly string[];
  readonly priority: number;
  readonly #owner: LockOwner;
  readonly #lost = new AbortController();
  #held: readonly string[];
  #isReleased = false;

  constructor(owner: LockOwner, names: readonly string[], priority: number) {
    this.#owner = owner;
    this.names = names;
    this.priority = priority;
    this.#held = names;
  }

  /**
   * Aborted, with a {@link LockError} for its reason, when a name is lost before it was released: taken by a request of
   * higher priority, or by somebody else while the connection was lost. The other names are held on.
   */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Those of the names that are not lost, until they are released. */
  get held(): readonly string[] {
    return this.#held;
  }

  /** Takes note that others have these names now. */
  lose(names: readonly string[], reason: LockError): void {
    this.#held = this.#held.filter((name) => !names.includes(name));
    this.#lost.abort(reason);
  }

  /** Gives the names back; Beacon does not confirm it. Twice is fine. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#owner.release(this);
    this.#held = [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
  }
}
