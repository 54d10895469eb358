import { expect, it } from "vitest";
import { Gate } from "./gate.js";

it("lets through who waits, and who comes while it is open", async () => {
  const gate = new Gate();
  const passed: string[] = [];
  const waiting = [1, 2].map((who) => gate.wait().then(() => passed.push(`early ${who}`)));
  gate.open();
  expect(gate.isOpen).toBe(true);
  await gate.wait().then(() => passed.push("late"));
  await Promise.all(waiting);
  expect(passed.sort()).toEqual(["early 1", "early 2", "late"]);
});

it("makes wait who comes after it closed, but not who was let through", async () => {
  const gate = new Gate({ open: true });
  gate.close();
  let passed = 0;
  const first = gate.wait().then(() => passed++);
  gate.open();
  gate.close();
  const second = gate.wait().then(() => passed++);
  await first;
  await new Promise((resolve) => setImmediate(resolve));
  expect(passed).toBe(1);
  gate.open();
  await second;
  expect(passed).toBe(2);
});

it("lets go of who is aborted, with the signal's reason, and only of them", async () => {
  const gate = new Gate();
  const controller = new AbortController();
  const aborted = gate.wait({ signal: controller.signal });
  const patient = gate.wait();
  controller.abort(new Error("enough"));
  await expect(aborted).rejects.toThrow("enough");
  await expect(gate.wait({ signal: controller.signal })).rejects.toThrow("enough");
  gate.open();
  await expect(patient).resolves.toBeUndefined();
});
