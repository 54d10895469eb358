import type { Clock } from "./clock.js";
import { sleepError } from "./sleep-error.js";

/** Longest delay that Node's timers take, in ms. */
const longestTimerMs = 2 ** 31 - 1;

/** What the wall clock was ahead of Node's fine one when they were last compared, in ms. */
let ahead = performance.timeOrigin;

/** Difference, in ms, from which on the wall clock was set, or the machine slept: less is its coarse reading. */
const wallStep = 20;

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => performance.now() / 1000,
  epoch: () => {
    const fine = performance.now();
    const wall = Date.now();
    if (Math.abs(fine + ahead - wall) > wallStep) ahead = wall - fine;
    return (fine + ahead) / 1000;
  },
  sleep(seconds, { signal } = {}) {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (Number.isNaN(seconds)) return Promise.reject(sleepError());
    return new Promise<void>((resolve, reject) => {
      const until = performance.now() + seconds * 1000;
      let timer: NodeJS.Timeout | undefined;
      let immediate: NodeJS.Immediate | undefined;
      const onAbort = (): void => {
        clearTimeout(timer);
        clearImmediate(immediate);
        reject(signal?.reason);
      };
      const done = (): void => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      const wait = (): void => {
        const left = until - performance.now();
        if (left <= 0) immediate = setImmediate(done);
        else
          timer = setTimeout(
            () => (performance.now() >= until - 0.05 ? done() : wait()),
            Math.min(left, longestTimerMs),
          );
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      wait();
    });
  },
};
