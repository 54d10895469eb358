import { describe, expect, it } from "vitest";
import { axisStateOf, type IcepapStateDetails } from "./icepap-state.js";
import { decodeStatus } from "./icepap-status.js";

/** Present, alive, ready, powered. */
const ready = 0x800203;

const bits = (...indices: number[]): number => indices.reduce((word, index) => word | (1 << index), 0);

const stateOf = (word: number, details: Partial<IcepapStateDetails> = {}): string =>
  axisStateOf(decodeStatus(word), { hasMoved: true, ...details }).toString();

describe("a status word of an IcePAP", () => {
  it.each([
    ["at rest", ready, "READY (Axis is READY)"],
    ["of the simulator, with out of window and a warning", 0x00a03203, "READY (Axis is READY)"],
    ["on its way", bits(0, 1, 10, 23), "MOVING (Axis is MOVING)"],
    ["settling", bits(0, 1, 11, 23), "MOVING (Axis is MOVING)"],
    [
      "on its way, still on the switch",
      bits(0, 1, 10, 19, 23),
      "MOVING (Axis is MOVING) | LIMNEG (Hardware low limit active)",
    ],
    ["without a board", 0, "FAULT (there is no driver board at this address)"],
    ["of a dead board", 1, "FAULT (the driver board does not answer its controller)"],
    ["without power", bits(0, 1), "OFF (the power is off)"],
    ["switched off", bits(0, 1, 4, 5, 6), "OFF (the power was switched off by a command)"],
    ["being programmed", bits(0, 1, 2, 9, 23), "DISABLED (the driver board is in mode PROG)"],
    ["failed", bits(0, 1, 2, 3, 23), "FAULT (the driver board is in mode FAIL)"],
    ["not ready", bits(0, 1, 23), "DISABLED (the axis is not ready (status 0x800003))"],
    [
      "disabled at its rack",
      bits(0, 1, 6),
      "DISABLED (the rack is disabled by its switch) | OFF (the rack is disabled by its switch)",
    ],
    ["in alarm", bits(0, 1, 5), "FAULT (the driver is in alarm) | OFF (the driver is in alarm)"],
    ["on the limit +", ready | bits(18), "READY (Axis is READY) | LIMPOS (Hardware high limit active)"],
    ["at home", ready | bits(20), "READY (Axis is READY) | HOME (Home signal active)"],
    ["stopped by the limit +", ready | (3 << 14), "READY (Axis is READY) | LIMPOS (stopped by the limit switch +)"],
    ["stopped by the limit -", ready | (4 << 14), "READY (Axis is READY) | LIMNEG (stopped by the limit switch -)"],
    ["stopped by a user", ready | (1 << 14), "READY (Axis is READY)"],
    ["overheated", ready | (11 << 14), "READY (Axis is READY) | FAULT (the driver is overheated)"],
    ["with an old stop code, not ready", bits(0, 1, 10, 23) | (11 << 14), "MOVING (Axis is MOVING)"],
  ])("%s is a state", (_, word, text) => {
    expect(stateOf(word)).toBe(text);
  });

  it("tells how a motion ended only when that motion was ours", () => {
    for (const stopCode of [3, 4, 5, 11, 15]) {
      expect(stateOf(ready | (stopCode << 14), { hasMoved: false })).toBe("READY (Axis is READY)");
    }
  });

  it("comes with what else the axis tells", () => {
    expect(stateOf(bits(0, 1, 5, 23), { alarm: "Over temperature" })).toBe(
      "FAULT (the driver is in alarm: Over temperature)",
    );
    expect(stateOf(ready, { home: "home switch found at 12 steps" })).toBe(
      "READY (Axis is READY) | HOME (home switch found at 12 steps)",
    );
    expect(stateOf(ready, { homeFault: "not found" })).toBe("READY (Axis is READY) | FAULT (not found)");
  });
});
