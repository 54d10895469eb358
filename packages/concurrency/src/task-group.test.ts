import { describe, expect, it } from "vitest";
import { deferred } from "./deferred.js";
import { TaskGroup } from "./task-group.js";
import { VirtualClock } from "./virtual-clock.js";

describe("TaskGroup.run", () => {
  it("gives the value of its body once every task has ended", async () => {
    const clock = new VirtualClock();
    const ended: number[] = [];
    const value = await clock.run(
      TaskGroup.run({}, (group) => {
        for (const seconds of [2, 1]) {
          void group.spawn(async (signal) => {
            await clock.sleep(seconds, { signal });
            ended.push(seconds);
          });
        }
        return "done";
      }),
    );
    expect(value).toBe("done");
    expect(ended).toEqual([1, 2]);
  });

  it("aborts the siblings of a task that fails, waits for them, and throws that failure", async () => {
    const clock = new VirtualClock();
    const failure = new Error("first");
    const reasons: unknown[] = [];
    const running = TaskGroup.run({}, (group) => {
      void group.spawn(async (signal) => {
        await clock.sleep(100, { signal }).catch((reason: unknown) => reasons.push(reason));
        await clock.sleep(3); // cleans up
        throw new Error("second");
      });
      void group.spawn(async () => {
        await clock.sleep(1);
        throw failure;
      });
    });
    await expect(clock.run(running)).rejects.toBe(failure);
    expect(reasons).toEqual([failure]);
    expect(clock.now()).toBe(4);
    expect(clock.sleepers).toBe(0);
  });

  it("aborts its tasks when the body fails, and throws that", async () => {
    const clock = new VirtualClock();
    let reason: unknown;
    const failure = new Error("body");
    const running = TaskGroup.run({}, async (group) => {
      void group.spawn(async (signal) => {
        await clock.sleep(100, { signal }).catch((aborted: unknown) => {
          reason = aborted;
        });
      });
      await clock.sleep(1);
      throw failure;
    });
    await expect(clock.run(running)).rejects.toBe(failure);
    expect(reason).toBe(failure);
    expect(clock.now()).toBe(1);
  });

  it("ends with the reason of the outer signal", async () => {
    const clock = new VirtualClock();
    const controller = new AbortController();
    const running = TaskGroup.run({ signal: controller.signal }, (group) => {
      void group.spawn((signal) => clock.sleep(100, { signal }));
    });
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(clock.run(running)).rejects.toBe(reason);
    const late = TaskGroup.run({ signal: controller.signal }, (group) => {
      expect(group.signal.aborted).toBe(true);
    });
    await expect(late).rejects.toBe(reason);
  });
});

describe("TaskGroup.spawn", () => {
  it("gives the value of the task, or its failure, which may be ignored", async () => {
    const group = new TaskGroup();
    await expect(group.spawn(() => 5)).resolves.toBe(5);
    void group.spawn(() => {
      throw new Error("ignored here");
    }); // an unhandled rejection would fail the test run
    await new Promise((resolve) => setImmediate(resolve));
    await expect(group.join()).rejects.toThrow("ignored here");
  });

  it("may be called by tasks: join waits for them too", async () => {
    const group = new TaskGroup();
    const inner = deferred<void>();
    let ended = false;
    void group.spawn(async () => {
      await Promise.resolve();
      void group.spawn(async () => {
        await inner.promise;
        ended = true;
      });
    });
    const joined = group.join();
    setImmediate(() => inner.resolve());
    await joined;
    expect(ended).toBe(true);
  });

  it("takes any number of tasks that wait for the signal without a warning of Node", async () => {
    const warnings: unknown[] = [];
    const onWarning = (warning: unknown): void => void warnings.push(warning);
    process.on("warning", onWarning);
    const clock = new VirtualClock();
    await clock.run(
      TaskGroup.run({}, (group) => {
        for (let task = 0; task < 50; task++) void group.spawn((signal) => clock.sleep(1, { signal }));
      }),
    );
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
  });
});

describe("TaskGroup.abort", () => {
  it("asks every task to end; join throws its reason", async () => {
    const clock = new VirtualClock();
    const group = new TaskGroup();
    void group.spawn((signal) => clock.sleep(100, { signal }));
    group.abort(new Error("enough"));
    group.abort(new Error("again"));
    await expect(clock.run(group.join())).rejects.toThrow("enough");
    const unnamed = new TaskGroup();
    unnamed.abort();
    await expect(unnamed.join()).rejects.toMatchObject({ name: "AbortError" });
  });
});
