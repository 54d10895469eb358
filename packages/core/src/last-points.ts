import type { AcquisitionObject } from "./acquisition-object.js";
import { MissingPointsError } from "./missing-points-error.js";
import type { RunScope } from "./run-scope.js";

/**
 * Waits for the end of a reading that nothing triggers any more. Where points are missing, it may be quiet for the
 * `pointTimeout` of its object: each point that comes begins that time anew.
 *
 * @param reading never rejects
 * @param first points of its channels when it began
 * @throws MissingPointsError
 */
export async function lastPoints(
  object: AcquisitionObject,
  reading: Promise<void>,
  { first, scope }: { readonly first: number; readonly scope: RunScope },
): Promise<void> {
  const { npoints, pointTimeout, channels } = object;
  const points = (): number => pointsOf(object) - first;
  if (npoints === 0 || channels.length === 0 || pointTimeout === Number.POSITIVE_INFINITY) return reading;
  const { clock } = scope;
  let last = clock.now();
  const leaves = channels.map((channel) =>
    channel.onData(() => {
      last = clock.now();
    }),
  );
  const ended = new AbortController();
  void reading.then(() => ended.abort());
  const signal = AbortSignal.any([scope.signal, ended.signal]);
  try {
    while (points() < npoints && !signal.aborted) {
      const left = last + pointTimeout - clock.now();
      if (left <= 1e-6) throw missing(object, points(), clock.now() - last);
      await clock.sleep(left, { signal }).catch(() => {}); // woken by the end of the reading
    }
  } finally {
    for (const leave of leaves) leave();
  }
  await reading;
}

/** Points that all channels of an object have emitted. */
export function pointsOf({ channels }: AcquisitionObject): number {
  return channels.reduce((least, { npoints }) => Math.min(least, npoints), Number.POSITIVE_INFINITY);
}

function missing(object: AcquisitionObject, points: number, waited: number): MissingPointsError {
  const { name, npoints: expected, parent, triggerType, pointTimeout } = object;
  const what = points === 0 ? `none of ${expected} points` : `${points} of ${expected} points`;
  const since = `none for ${Number(waited.toPrecision(3))} s, though ${parent?.name ?? "what triggers it"} has ended`;
  const help =
    triggerType === "hardware"
      ? "pulses were lost: see that its trigger input is plugged in, and that it is armed and idle at each pulse"
      : "it expects more triggers than its master gives: give it as many points";
  const message = `${name}: ${what} came, and ${since}: ${help}. If it only needs longer, raise its pointTimeout (${pointTimeout} s)`;
  return new MissingPointsError(name, message, { points, expected, waited });
}
