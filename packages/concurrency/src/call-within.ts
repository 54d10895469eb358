import type { Clock } from "./clock.js";
import { within } from "./within.js";

/**
 * Calls something and waits for its answer, but not for ever. The signal that the call is given aborts when it is late, or
 * when the outer one does.
 *
 * @throws what `late` makes, after `seconds`; the signal's reason when it aborts first; what the call throws
 */
export async function callWithin<T>(
  seconds: number,
  call: (signal: AbortSignal) => Promise<T>,
  { clock, signal, late }: { clock: Clock; signal?: AbortSignal | undefined; late: () => Error },
): Promise<T> {
  signal?.throwIfAborted();
  const inner = new AbortController();
  const onAbort = (): void => inner.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await within(seconds, call(inner.signal), { clock, signal, late });
  } catch (error) {
    inner.abort(error);
    throw error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}
