import type { VirtualClock } from "@beamtime/concurrency";

/** Lets the time of a virtual clock pass, a hundred times as fast as real time, until the promise is settled. */
export async function passTime<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settle = (): void => {
    isSettled = true;
  };
  promise.then(settle, settle);
  while (!isSettled) {
    await new Promise((resolve) => setTimeout(resolve, 2)); // for sockets, whose time is real
    await clock.advance(0.2);
  }
  return promise;
}
