import { VirtualClock } from "@beamtime/concurrency";
import { AxisMovingError, AxisState } from "@beamtime/motion";
import { expect, it } from "vitest";
import { toldController } from "./told-controller.js";
import { errorOf } from "./two-controllers.js";

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

it("an axis whose dial is being set is not moved meanwhile", async () => {
  const clock = new VirtualClock();
  const { axis, told } = await toldController(clock, {
    setPosition: async (_address, position, { signal } = {}) => {
      await clock.sleep(1, { signal });
      told.position = position;
      return position;
    },
  });
  const setting = axis.setDial(5);
  await clock.advance(0.5);
  expect(await errorOf(axis.move(1))).toMatchObject({
    code: "AXIS_MOVING",
    message:
      "m is moved by somebody who sets its dial: wait for the end of its move (waitMove), or stop it, before moving it again",
  });
  await clock.run(setting);
  await clock.run(axis.move(1));
  expect([axis.position, axis.dial, told.starts, clock.sleepers]).toEqual([1, 6, 1, 0]);
});
