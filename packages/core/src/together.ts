/**
 * Calls all, then waits for all, also when one has failed. Synchronous if every call is.
 *
 * @throws what failed first in the order of `items`
 */
export function together<T>(items: readonly T[], call: (item: T) => void | Promise<void>): void | Promise<void> {
  let first: Promise<void> | undefined;
  let waiting: Promise<void>[] | undefined;
  let failure: { readonly error: unknown } | undefined;
  for (const item of items) {
    try {
      const result = call(item);
      if (!result) continue;
      if (waiting) waiting.push(result);
      else if (first) waiting = [first, result];
      else first = result;
    } catch (error) {
      failure ??= { error };
      break;
    }
  }
  if (waiting) return joinAll(waiting, failure);
  if (first) return failure ? joinAll([first], failure) : first;
  if (failure) throw failure.error;
}

async function joinAll(
  waiting: readonly Promise<void>[],
  failure: { readonly error: unknown } | undefined,
): Promise<void> {
  for (const result of await Promise.allSettled(waiting)) {
    if (result.status === "rejected") failure ??= { error: result.reason };
  }
  if (failure) throw failure.error;
}
