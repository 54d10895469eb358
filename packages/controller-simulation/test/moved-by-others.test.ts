import { VirtualClock } from "@beamtime/concurrency";
import { AxisMovingError, AxisState } from "@beamtime/motion";
import { expect, it } from "vitest";
import { toldController } from "./told-controller.js";

it("an axis that somebody else moves is waited for", async () => {
  const clock = new VirtualClock();
  const { axis, enter } = await toldController(clock);
  enter(AxisState.moving);
  let isOver = false;
  const waited = axis.waitMove().then(() => {
    isOver = true;
  });
  await clock.advance(10);
  expect([axis.isMoving, isOver]).toEqual([true, false]);
  enter(AxisState.ready);
  await clock.run(waited);
  expect([axis.isMoving, clock.sleepers]).toEqual([false, 0]);
});

it("an axis that somebody else moves is not counted otherwise, as in BLISS", async () => {
  const clock = new VirtualClock();
  const { axis, enter } = await toldController(clock);
  enter(AxisState.moving);
  expect(() => {
    axis.position = 5;
  }).toThrow(AxisMovingError);
  expect(() => {
    axis.sign = -1;
  }).toThrow(AxisMovingError);
  expect([axis.position, axis.offset, axis.sign]).toEqual([0, 0, 1]);
  enter(AxisState.ready);
  axis.position = 5;
  expect([axis.position, axis.offset]).toEqual([5, 5]);
});
