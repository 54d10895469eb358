/**
 * Waits for a promise, or for the signal, whichever comes first. The promise itself goes on: use it where the awaited
 * thing cannot be interrupted, and something else stops it.
 *
 * @throws the signal's reason when it aborts first
 */
export function abortable<T>(promise: PromiseLike<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return Promise.resolve(promise);
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    const release = (): void => signal.removeEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    promise.then(
      (value) => {
        release();
        resolve(value);
      },
      (reason: unknown) => {
        release();
        reject(reason);
      },
    );
  });
}
