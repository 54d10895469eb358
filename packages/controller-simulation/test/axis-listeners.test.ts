import { VirtualClock } from "@beamtime/concurrency";
import { simulatedAxis } from "@beamtime/controller-simulation";
import { type Axis, AxisGroup } from "@beamtime/motion";
import { expect, it } from "vitest";
import { twoControllers } from "./two-controllers.js";

type Listen = (axis: Axis, listener: () => void) => () => void;

const listening: Readonly<Record<string, Listen>> = {
  "the position": (axis, listener) => axis.onPosition(listener),
  "the state": (axis, listener) => axis.onState(listener),
  "the ends of motions": (axis, listener) => axis.onMoveDone(listener),
};

it.each(Object.entries(listening))(
  "a listener to %s that fails stops no motion, and is told once",
  async (name, listen) => {
    const warnings: string[] = [];
    const { a, b, clock } = await twoControllers({ onWarning: (message) => warnings.push(message) });
    let heard = 0;
    listen(a, () => {
      throw new Error("no window");
    });
    listen(a, () => {
      heard++;
    });
    const group = new AxisGroup([a, b]);
    await clock.run(group.move({ a: 1, b: 1 }));
    await clock.run(group.move({ a: 0, b: 0 }));
    expect([a.position, b.position, group.isMoving]).toEqual([0, 0, false]);
    expect(heard).toBeGreaterThan(1);
    expect(warnings).toEqual([`a listener to ${name} of a fails, and is called on: no window`]);
  },
);

it("a listener that fails later stops no motion either", async () => {
  const clock = new VirtualClock();
  const warnings: string[] = [];
  const axis = simulatedAxis({ name: "m", clock, onWarning: (message) => warnings.push(message) });
  const failing = async (): Promise<never> => {
    throw new Error("no window");
  };
  axis.onMoveDone(failing as () => unknown);
  await clock.run(axis.move(1));
  expect(axis.position).toBe(1);
  expect(warnings).toEqual(["a listener to the ends of motions of m fails, and is called on: no window"]);
});

it("a listener that leaves when it is told hides nothing from the others", async () => {
  const { a, clock } = await twoControllers();
  const heard: string[] = [];
  const leave = a.onMoveDone(() => {
    heard.push("first");
    leave();
    leaveLast();
  });
  a.onMoveDone(() => heard.push("second"));
  const leaveLast = a.onMoveDone(() => heard.push("last"));
  await clock.run(a.move(1));
  await clock.run(a.move(0));
  expect(heard).toEqual(["first", "second", "second"]);
});

it("a listener to the end of a motion finds the axis ready, and may move it", async () => {
  const { a, b, clock } = await twoControllers();
  let next: Promise<void> | undefined;
  const leave = a.onMoveDone(() => {
    leave();
    expect([a.state.has("READY"), a.isMoving, a.position]).toEqual([true, false, 1]);
    next = a.move(2);
  });
  await clock.run(new AxisGroup([a, b]).move({ a: 1, b: 1 }));
  await clock.run(next ?? Promise.reject(new Error("not told")));
  expect([a.position, b.position, b.isMoving]).toEqual([2, 1, false]);
});
