import { describe, expect, it } from "vitest";
import { callWithin } from "./call-within.js";
import { VirtualClock } from "./virtual-clock.js";

describe("callWithin", () => {
  const never =
    (seen: unknown[]) =>
    ({ signal }: { signal: AbortSignal }) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener("abort", () => {
          seen.push(signal.reason);
          reject(signal.reason);
        });
      });

  it("gives the answer, and leaves no timer", async () => {
    const clock = new VirtualClock();
    expect(await callWithin(5, async () => "yes", { clock, late: () => new Error("late") })).toBe("yes");
    expect(clock.sleepers).toBe(0);
  });

  it("throws after the time, and aborts the call", async () => {
    const clock = new VirtualClock();
    const late = new Error("late");
    const seen: unknown[] = [];
    const call = callWithin(5, never(seen), { clock, late: () => late });
    await expect(clock.run(call)).rejects.toBe(late);
    expect(clock.now()).toBe(5);
    expect(seen).toEqual([late]);
  });

  it("aborts the call with the reason of the outer signal", async () => {
    const clock = new VirtualClock();
    const outer = new AbortController();
    const seen: unknown[] = [];
    const call = callWithin(5, never(seen), { clock, signal: outer.signal, late: () => new Error("late") });
    outer.abort("enough");
    await expect(call).rejects.toBe("enough");
    expect(seen).toEqual(["enough"]);
    expect(clock.sleepers).toBe(0);
  });
});
