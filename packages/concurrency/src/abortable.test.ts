import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { abortable } from "./abortable.js";
import { deferred } from "./deferred.js";

it("gives what the promise gives, when that is first", async () => {
  const { signal } = new AbortController();
  await expect(abortable(Promise.resolve(5), signal)).resolves.toBe(5);
  await expect(abortable(Promise.reject(new Error("no")), signal)).rejects.toThrow("no");
  await expect(abortable(Promise.resolve(5), undefined)).resolves.toBe(5);
});

it("throws the signal's reason when it aborts first, now or later", async () => {
  const controller = new AbortController();
  const waiting = abortable(new Promise(() => {}), controller.signal);
  const reason = new Error("enough");
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(abortable(Promise.resolve(5), controller.signal)).rejects.toBe(reason);
});

it("leaves no listener behind, and a late failure is nobody's", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  await abortable(Promise.resolve(), signal);
  await abortable(Promise.reject(new Error("no")), signal).catch(() => {});
  expect(getEventListeners(signal, "abort")).toEqual([]);
  const late = deferred<void>();
  const waiting = abortable(late.promise, signal);
  controller.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  late.reject(new Error("late")); // an unhandled rejection would fail the test run
  await new Promise((resolve) => setImmediate(resolve));
});
