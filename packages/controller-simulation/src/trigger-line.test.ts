import { expect, it } from "vitest";
import { TriggerLine, type TriggerPulse } from "./trigger-line.js";

it("carries pulses to all that are plugged in, and to nobody who has left", () => {
  const line = new TriggerLine("cable");
  const camera: TriggerPulse[] = [];
  const card: TriggerPulse[] = [];
  line.pulse(1);
  const unplug = line.onPulse((pulse) => void camera.push(pulse));
  line.onPulse((pulse) => void card.push(pulse));
  line.pulse(2.5);
  unplug();
  unplug();
  line.pulse(4);
  expect(camera).toEqual([{ time: 2.5, index: 1 }]);
  expect(card).toEqual([
    { time: 2.5, index: 1 },
    { time: 4, index: 2 },
  ]);
  expect(line.count).toBe(3);
});

it("carries a pulse on when a listener fails, and says so to the sender", () => {
  const line = new TriggerLine("cable");
  const heard: number[] = [];
  line.onPulse(() => {
    throw new Error("shutter stuck");
  });
  line.onPulse(({ index }) => void heard.push(index));
  expect(() => line.pulse(0)).toThrow("shutter stuck");
  expect(heard).toEqual([0]);
});
