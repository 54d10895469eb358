import { abortable } from "./abortable.js";
import type { Clock } from "./clock.js";

/**
 * Waits for a promise, but not for ever.
 *
 * @throws what `late` makes, after `seconds`; the signal's reason when it aborts first
 */
export async function within<T>(
  seconds: number,
  promise: Promise<T>,
  { clock, signal, late }: { clock: Clock; signal?: AbortSignal | undefined; late: () => Error },
): Promise<T> {
  const timer = new AbortController();
  const tooLate = clock.sleep(seconds, { signal: timer.signal }).then(() => Promise.reject(late()));
  try {
    return await abortable(Promise.race([promise, tooLate]), signal);
  } finally {
    timer.abort();
    tooLate.catch(() => {});
  }
}
