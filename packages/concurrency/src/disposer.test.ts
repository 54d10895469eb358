import { describe, expect, it } from "vitest";
import { Disposer } from "./disposer.js";

describe("Disposer", () => {
  it("releases in reverse order, once", async () => {
    const order: number[] = [];
    const disposer = new Disposer();
    for (const number of [1, 2, 3]) disposer.defer(() => order.push(number));
    await disposer[Symbol.asyncDispose]();
    await disposer[Symbol.asyncDispose]();
    expect(order).toEqual([3, 2, 1]);
  });

  it("releases all even when some fail, and throws every failure", async () => {
    const order: number[] = [];
    const disposer = new Disposer();
    disposer.defer(() => order.push(1));
    disposer.defer(() => {
      throw new Error("first taken");
    });
    disposer.defer(() => Promise.reject(new Error("last taken")));
    const failure = await disposer[Symbol.asyncDispose]().catch((error: unknown) => error);
    expect(order).toEqual([1]);
    expect(failure).toBeInstanceOf(AggregateError);
    expect((failure as AggregateError).errors.map(String)).toEqual(["Error: last taken", "Error: first taken"]);
  });

  it("leaves the releasing to the disposer it moved everything to", async () => {
    let released = 0;
    const first = new Disposer();
    first.defer(() => released++);
    const second = first.move();
    await first[Symbol.asyncDispose]();
    expect(released).toBe(0);
    await second[Symbol.asyncDispose]();
    expect(released).toBe(1);
  });
});
