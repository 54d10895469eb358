import { type Axis, moveTogether } from "@beamtime/motion";

/** Moves axes back to where a relative scan began, but for those that somebody else moves, or that cannot be stopped. */
export function returnAxes(
  origins: readonly (readonly [Axis, number])[],
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const free = origins.filter(([axis]) => !axis.isMoving);
  return moveTogether(free, { signal });
}
