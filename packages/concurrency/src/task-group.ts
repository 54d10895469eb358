import { setMaxListeners } from "node:events";

/**
 * Tasks that live and die together: the first failure aborts the siblings, `join` waits for all of them and throws
 * that first failure. No task outlives its group.
 *
 * @example
 * await TaskGroup.run({ signal }, async (group) => {
 *   for (const axis of axes) group.spawn((signal) => axis.move(0, { signal }));
 * });
 */
export class TaskGroup {
  readonly #abort = new AbortController();
  readonly #tasks = new Set<Promise<void>>();
  readonly #release: () => void;
  #failure: { readonly reason: unknown } | undefined;

  constructor({ signal }: { signal?: AbortSignal | undefined } = {}) {
    setMaxListeners(0, this.#abort.signal); // each task may wait for it
    const onAbort = (): void => this.abort(signal?.reason);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
    this.#release = () => signal?.removeEventListener("abort", onAbort);
  }

  /** Runs `body` in a group of its own and joins it. */
  static async run<T>(
    options: { signal?: AbortSignal | undefined },
    body: (group: TaskGroup) => T | Promise<T>,
  ): Promise<T> {
    const group = new TaskGroup(options);
    let result: T | undefined;
    try {
      result = await body(group);
    } catch (error) {
      group.#fail(error);
    }
    await group.join();
    return result as T; // join throws when the body failed
  }

  /** Aborted when the group is, when its outer signal is, or when a task has failed. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Starts a task. Its value comes back; a failure aborts the group and is thrown by `join`. */
  spawn<T>(task: (signal: AbortSignal) => T | Promise<T>): Promise<T> {
    const running = (async () => task(this.signal))();
    const watched = running.then(
      () => {},
      (error: unknown) => this.#fail(error),
    );
    this.#tasks.add(watched);
    void watched.finally(() => this.#tasks.delete(watched));
    return running;
  }

  /** Asks every task to end; `join` then throws `reason`. */
  abort(reason?: unknown): void {
    this.#fail(reason ?? new DOMException("aborted", "AbortError"));
  }

  /** Waits for every task, those spawned meanwhile included. @throws the first failure */
  async join(): Promise<void> {
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
    this.#release();
    if (this.#failure) throw this.#failure.reason;
  }

  #fail(reason: unknown): void {
    this.#failure ??= { reason };
    if (!this.#abort.signal.aborted) this.#abort.abort(reason);
  }
}
