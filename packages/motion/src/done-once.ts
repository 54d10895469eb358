import { abortable } from "@beamtime/concurrency";
import type { ControllerCallOptions } from "./motor-controller.js";

/** What is done once for all who want it; again only after it has failed. */
export class DoneOnce {
  readonly #work: (options: ControllerCallOptions) => Promise<void>;
  #done: { readonly ended: Promise<void>; readonly signal: AbortSignal | undefined } | undefined;

  constructor(work: (options: ControllerCallOptions) => Promise<void>) {
    this.#work = work;
  }

  /** Resolves when it is done. When who began it aborts, one of the others begins anew. @throws what the work throws */
  async run({ signal }: ControllerCallOptions): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      this.#done ??= { ended: this.#begin(signal), signal };
      const done = this.#done;
      try {
        return await abortable(done.ended, signal);
      } catch (error) {
        if (signal?.aborted || !done.signal?.aborted) throw error;
      }
    }
  }

  async #begin(signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.#work({ signal });
    } catch (error) {
      this.#done = undefined;
      throw error;
    }
  }
}
