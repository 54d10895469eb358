/**
 * What was taken, to be given back in reverse order: `AsyncDisposableStack`, which Node 20 lacks.
 *
 * @example
 * await using disposer = new Disposer();
 * const server = disposer.use(await startServer());
 * disposer.defer(() => rm(folder, { recursive: true }));
 */
export class Disposer implements AsyncDisposable {
  readonly #releases: (() => unknown)[] = [];

  /** Takes charge of a resource, and hands it back for use. */
  use<T extends AsyncDisposable>(resource: T): T {
    this.defer(() => resource[Symbol.asyncDispose]());
    return resource;
  }

  /** Calls `release` in its turn at the end. */
  defer(release: () => unknown): void {
    this.#releases.push(release);
  }

  /** Hands everything over to a new disposer; this one then releases nothing. */
  move(): Disposer {
    const other = new Disposer();
    other.#releases.push(...this.#releases.splice(0));
    return other;
  }

  /**
   * Releases everything, last taken first; a failure does not keep the others from it. Twice is fine.
   *
   * @throws the failure, or an AggregateError of several
   */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (let release = this.#releases.pop(); release; release = this.#releases.pop()) {
      try {
        await release();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, `${failures.length} resources could not be released`);
  }
}
