import { expect, it, vi } from "vitest";
import { systemClock } from "./system-clock.js";

it("sleeps at least as long as asked, but for the grain of a timer", async () => {
  const start = systemClock.now();
  await systemClock.sleep(0.02);
  expect(systemClock.now() - start).toBeGreaterThanOrEqual(0.0199);
});

it("never wakes synchronously, nor for less than no time in another order", async () => {
  const order: string[] = [];
  const sleeping = systemClock.sleep(-1).then(() => order.push("woken"));
  order.push("asked");
  await Promise.resolve().then(() => order.push("microtask"));
  await sleeping;
  expect(order).toEqual(["asked", "microtask", "woken"]);
});

it("tells the time of day", () => {
  expect(Math.abs(systemClock.epoch() - Date.now() / 1000)).toBeLessThan(1);
});

it("follows a wall clock that is set, and is finer than it", () => {
  const shift = 3600_000;
  const now = vi.spyOn(Date, "now");
  try {
    now.mockImplementation(() => Math.floor(performance.timeOrigin + performance.now()) + shift);
    expect(systemClock.epoch() - (performance.timeOrigin + performance.now()) / 1000).toBeCloseTo(3600, 2);
    const times = Array.from({ length: 1000 }, () => systemClock.epoch());
    expect(new Set(times).size).toBeGreaterThan(100);
  } finally {
    now.mockRestore();
  }
  expect(Math.abs(systemClock.epoch() - Date.now() / 1000)).toBeLessThan(0.05);
});

it.each([0, 0.001, 1000, Number.POSITIVE_INFINITY])("wakes from %s s with the signal's reason", async (seconds) => {
  const controller = new AbortController();
  const sleeping = systemClock.sleep(seconds, { signal: controller.signal });
  controller.abort(new Error("alarm"));
  await expect(sleeping).rejects.toThrow("alarm");
  await expect(systemClock.sleep(seconds, { signal: controller.signal })).rejects.toThrow("alarm");
});

it("does not sleep for NaN seconds", async () => {
  await expect(systemClock.sleep(Number.NaN)).rejects.toMatchObject({ code: "BAD_ARGUMENT", argument: "seconds" });
});

it("sleeps longer than a timer of Node can", async () => {
  const controller = new AbortController();
  let woken = false;
  const sleeping = systemClock.sleep(30 * 24 * 3600, { signal: controller.signal }).then(
    () => {
      woken = true;
    },
    () => {},
  );
  await systemClock.sleep(0.005); // a timer that overflows fires after 1 ms
  expect(woken).toBe(false);
  controller.abort();
  await sleeping;
});
