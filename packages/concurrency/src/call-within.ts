import { setMaxListeners } from "node:events";
import type { Clock } from "./clock.js";
import { within } from "./within.js";

/** Turns of the microtask queue in which an answer may come that needs neither timer nor listeners. */
const quickTurns = 10;

/**
 * Calls something and waits for its answer, but not for ever. The signal that the call is given aborts when it is late, or
 * when the outer one does. An answer that comes without waiting for anything costs next to nothing.
 *
 * @throws what `late` makes, after `seconds`; the signal's reason when it aborts first; what the call throws
 */
export async function callWithin<T>(
  seconds: number,
  call: (options: { readonly signal: AbortSignal }) => Promise<T>,
  { clock, signal, late }: { clock: Clock; signal?: AbortSignal | undefined; late: () => Error },
): Promise<T> {
  signal?.throwIfAborted();
  const inner = new InnerSignal();
  const answer = call(inner);
  let isThere = false;
  const heard = (): void => {
    isThere = true;
  };
  answer.then(heard, heard);
  for (let turn = 0; turn < quickTurns && !isThere; turn++) await Promise.resolve();
  if (isThere) return await answer;
  const onAbort = (): void => inner.abort(signal?.reason);
  if (signal) setMaxListeners(0, signal); // many calls may wait for one signal
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) onAbort();
  try {
    return await within(seconds, answer, { clock, signal, late });
  } catch (error) {
    inner.abort(error);
    throw error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

/** Makes its signal for those who look at it: a quick call does not, and signals are costly. */
class InnerSignal {
  #controller: AbortController | undefined;
  #aborted: { readonly reason: unknown } | undefined;

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#aborted) this.#controller.abort(this.#aborted.reason);
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#aborted ??= { reason };
    this.#controller?.abort(reason);
  }
}
