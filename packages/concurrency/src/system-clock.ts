import type { Clock } from "./clock.js";
import { sleepError } from "./sleep-error.js";

/** Longest delay that Node's timers take, in ms. */
const longestTimerMs = 2 ** 31 - 1;

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => performance.now() / 1000,
  epoch: () => (performance.timeOrigin + performance.now()) / 1000,
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
