import { abortable, type Clock, type Deferred, deferred } from "@beamtime/concurrency";
import { IcepapError } from "./icepap-error.js";

/**
 * One question about many axes: whoever asks at the same time, or while the answer before is awaited, is answered by one round trip.
 * An answer is never older than its question.
 */
export class BatchedQuestion<T> {
  readonly #ask: (addresses: readonly string[]) => Promise<readonly T[]>;
  readonly #clock: Clock;
  #gathering: Map<string, Deferred<T>> | undefined;
  #asked: Promise<void> = Promise.resolve();

  /** @param ask answers in the order of the addresses; it ends by itself */
  constructor(clock: Clock, ask: (addresses: readonly string[]) => Promise<readonly T[]>) {
    this.#clock = clock;
    this.#ask = ask;
  }

  /** @throws what the question throws for this address, or the signal's reason */
  about(address: string, signal: AbortSignal | undefined): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (!this.#gathering) {
      this.#gathering = new Map();
      this.#asked = this.#next(this.#gathering, this.#asked);
    }
    let answer = this.#gathering.get(address);
    if (!answer) {
      answer = deferred<T>();
      this.#gathering.set(address, answer);
    }
    return abortable(answer.promise, signal);
  }

  /** Never rejects. */
  async #next(batch: Map<string, Deferred<T>>, before: Promise<void>): Promise<void> {
    await before;
    await this.#clock.sleep(0); // the rest of this turn of the event loop may ask too
    this.#gathering = undefined;
    const addresses = [...batch.keys()];
    try {
      const answers = await this.#ask(addresses);
      for (const [index, answer] of [...batch.values()].entries()) answer.resolve(answers[index] as T); // ask gives one for each
    } catch (error) {
      if (error instanceof IcepapError && addresses.length > 1) await this.#oneByOne(batch);
      else for (const answer of batch.values()) answer.reject(error);
    }
  }

  /** One of them is refused: the others are not to suffer from it. */
  async #oneByOne(batch: Map<string, Deferred<T>>): Promise<void> {
    for (const [address, answer] of batch) {
      await this.#ask([address]).then(
        ([only]) => answer.resolve(only as T), // as above
        (error: unknown) => answer.reject(error),
      );
    }
  }
}
