import { describe, expect, it } from "vitest";
import { VirtualClock } from "./virtual-clock.js";

describe("VirtualClock.run", () => {
  it("jumps from waking to waking, in the order of time and of going to sleep", async () => {
    const clock = new VirtualClock(1000);
    const woken: string[] = [];
    const sleep = (name: string, seconds: number): Promise<void> =>
      clock.sleep(seconds).then(() => void woken.push(`${name} ${clock.now()}`));
    await clock.run(Promise.all([sleep("c", 3600), sleep("a", 1), sleep("b", 1), sleep("now", -5)]));
    expect(woken).toEqual(["now 0", "a 1", "b 1", "c 3600"]);
    expect(clock.epoch()).toBe(4600);
    expect(clock.sleepers).toBe(0);
  });

  it("lets all that can go on do so before time passes", async () => {
    const clock = new VirtualClock();
    let work = 0;
    await clock.run(async () => {
      const busy = (async () => {
        for (; work < 1000; work++) await Promise.resolve();
      })();
      await clock.sleep(1);
      expect(work).toBe(1000);
      await busy;
    });
    expect(clock.now()).toBe(1);
  });

  it("waits for what comes from outside when nobody sleeps, or for ever only", async () => {
    const clock = new VirtualClock();
    const controller = new AbortController();
    const forever = clock.sleep(Number.POSITIVE_INFINITY, { signal: controller.signal });
    const outside = new Promise<string>((resolve) => setTimeout(resolve, 5, "data"));
    await expect(clock.run(outside)).resolves.toBe("data");
    expect(clock.now()).toBe(0);
    controller.abort(new Error("alarm"));
    await expect(forever).rejects.toThrow("alarm");
  });

  it("throws what the task throws", async () => {
    const clock = new VirtualClock();
    const task = async (): Promise<void> => {
      await clock.sleep(1);
      throw new Error("no");
    };
    await expect(clock.run(task)).rejects.toThrow("no");
  });
});

describe("VirtualClock.sleep", () => {
  it("wakes with the signal's reason, and forgets who is gone", async () => {
    const clock = new VirtualClock();
    const controller = new AbortController();
    const sleeping = clock.sleep(5, { signal: controller.signal });
    expect(clock.sleepers).toBe(1);
    controller.abort(new Error("alarm"));
    await expect(sleeping).rejects.toThrow("alarm");
    expect(clock.sleepers).toBe(0);
    await expect(clock.sleep(5, { signal: controller.signal })).rejects.toThrow("alarm");
  });

  it("refuses NaN, which would break the order of the others", async () => {
    const clock = new VirtualClock();
    await expect(clock.sleep(Number.NaN)).rejects.toMatchObject({ argument: "seconds" });
    await clock.run(clock.sleep(2));
    expect(clock.now()).toBe(2);
  });
});

describe("VirtualClock.advance", () => {
  it("wakes who is due on the way, also those who go to sleep meanwhile, and no others", async () => {
    const clock = new VirtualClock();
    const ticks: number[] = [];
    const task = async (): Promise<void> => {
      for (;;) {
        await clock.sleep(1);
        ticks.push(clock.now());
      }
    };
    void task();
    await clock.advance(2.5);
    expect(ticks).toEqual([1, 2]);
    expect(clock.now()).toBe(2.5);
    await clock.advance(0.5);
    expect(ticks).toEqual([1, 2, 3]);
  });
});
