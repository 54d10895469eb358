import { abortable } from "@beamtime/concurrency";
import { errorMessage } from "@beamtime/errors";
import { AcquisitionError } from "./acquisition-error.js";
import type { AcquisitionObject } from "./acquisition-object.js";
import type { RunScope } from "./run-scope.js";
import { StopScan } from "./stop-scan.js";

/**
 * The iterations of one object. Those of a top master end its branch; below a master they start anew. An object without
 * iterations of its own has one as top master, and as many as its parent below one.
 */
export class ObjectIterations {
  readonly #object: AcquisitionObject;
  readonly #scope: RunScope;
  /** Waits for the reading of the object; undefined when none is going on. */
  readonly #readingEnd: () => Promise<void> | undefined;
  #iterator: Iterator<unknown> | AsyncIterator<unknown> | undefined;
  #hasBegun = false;

  constructor(object: AcquisitionObject, scope: RunScope, readingEnd: () => Promise<void> | undefined) {
    this.#object = object;
    this.#scope = scope;
    this.#readingEnd = readingEnd;
  }

  /** Goes to the next one. False when a top master has none left. */
  advance(): boolean | Promise<boolean> {
    if (!this.#object.iterations) return this.#advanceWithParent();
    try {
      this.#iterator ??= this.#open();
      const next = this.#iterator.next();
      if ("then" in next) return this.#advanceLater(next);
      return next.done ? this.#exhausted() : true;
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** Ends what an interrupted scan leaves open, so that its `finally` blocks run. */
  async close(): Promise<void> {
    const iterator = this.#iterator;
    this.#iterator = undefined;
    try {
      const closed = iterator?.return?.();
      if (closed && "then" in closed) {
        // a generator that still waits for something cannot be closed
        await this.#scope.settle(this.#scope.track(this.#object, "iterations", closed), AbortSignal.abort());
      }
    } catch (error) {
      this.#failure(error);
    }
  }

  #advanceWithParent(): boolean | Promise<boolean> {
    const { parent, prepareOnce, startOnce } = this.#object;
    const isFirst = !this.#hasBegun;
    this.#hasBegun = true;
    if (isFirst || !parent) return isFirst;
    if (prepareOnce || startOnce) return true;
    return this.#readingEnd()?.then(() => true) ?? true;
  }

  async #advanceLater(next: Promise<IteratorResult<unknown>>): Promise<boolean> {
    try {
      const { done } = await abortable(next, this.#scope.signal);
      return done ? await this.#exhausted() : true;
    } catch (error) {
      throw this.#failure(error);
    }
  }

  #exhausted(): boolean | Promise<boolean> {
    this.#iterator = undefined;
    return this.#object.parent ? this.#restart() : false;
  }

  async #restart(): Promise<boolean> {
    try {
      await this.#readingEnd();
      this.#iterator = this.#open();
      const first = await abortable(Promise.resolve(this.#iterator.next()), this.#scope.signal);
      if (!first.done) return true;
      throw new Error("iterations() is empty: below a master there is at least one per iteration of it");
    } catch (error) {
      throw this.#failure(error);
    }
  }

  #open(): Iterator<unknown> | AsyncIterator<unknown> {
    const iterable = this.#object.iterations?.() ?? [];
    return Symbol.asyncIterator in iterable ? iterable[Symbol.asyncIterator]() : iterable[Symbol.iterator]();
  }

  /** An error of an iterator says whose it is; the echo of an abort stays what it is. */
  #failure(error: unknown): unknown {
    if (error instanceof StopScan || error instanceof AcquisitionError || this.#scope.isKnown(error)) {
      return this.#scope.fail(error, this.#object.name);
    }
    const { name } = this.#object;
    const failure = new AcquisitionError(name, `${name}: ${errorMessage(error)}`, { cause: error });
    return this.#scope.fail(failure, name);
  }
}
