import { AxisFailuresError } from "./axis-error.js";

/**
 * Does something, and then something else however that has ended: `finally` where both may fail.
 *
 * @param axis name of the axis, or of the first one, that it is about
 * @param after may throw an AggregateError
 * @throws what failed; AxisFailuresError when several things did
 */
export async function afterwards<T>(axis: string, work: () => Promise<T>, after: () => Promise<unknown>): Promise<T> {
  const failures: unknown[] = [];
  const result = await work().catch((error: unknown) => void failures.push(error));
  try {
    await after();
  } catch (error) {
    const later: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
    failures.push(...later.filter((one) => !failures.includes(one)));
  }
  if (failures.length > 1) throw new AxisFailuresError(axis, failures);
  if (failures.length === 1) throw failures[0];
  return result as T; // nothing has failed
}
