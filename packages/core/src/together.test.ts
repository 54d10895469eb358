import { deferred } from "@beamtime/concurrency";
import { expect, it } from "vitest";
import { together } from "./together.js";

it("is synchronous when every call is", () => {
  const calls: number[] = [];
  expect(together([1, 2], (item) => void calls.push(item))).toBeUndefined();
  expect(calls).toEqual([1, 2]);
});

it("waits for all, also when one has failed, and throws the first failure", async () => {
  const late = deferred<void>();
  let settled = false;
  const work = Promise.resolve(
    together([1, 2, 3], (item) => {
      if (item === 2) return Promise.reject(new Error("two"));
      if (item === 3) return Promise.reject(new Error("three"));
      return late.promise;
    }),
  ).finally(() => {
    settled = true;
  });
  work.catch(() => {});
  await new Promise((resolve) => setImmediate(resolve));
  expect(settled).toBe(false);
  late.resolve();
  await expect(work).rejects.toThrow("two");
});

it("calls no more once one has thrown, but waits for those that run", async () => {
  const late = deferred<void>();
  const calls: number[] = [];
  const work = Promise.resolve(
    together([1, 2, 3], (item) => {
      calls.push(item);
      if (item === 2) throw new Error("two");
      return late.promise;
    }),
  );
  work.catch(() => {});
  late.resolve();
  await expect(work).rejects.toThrow("two");
  expect(calls).toEqual([1, 2]);
});
