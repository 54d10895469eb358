import { describe, expect, it } from "vitest";
import { axisStateOf, motorBits } from "./motor-status.js";

const go = 3;
const rest = { isMoving: false, bits: 0, onHigh: false, onLow: false, mode: go, severity: 0, alarm: 0 };

describe("the state of a motor record", () => {
  it.each([
    ["at rest", {}, "READY"],
    ["in motion", { isMoving: true }, "MOVING"],
    ["on its high limit", { onHigh: true }, "READY LIMPOS"],
    ["on its low limit, going away", { onLow: true, isMoving: true }, "MOVING LIMNEG"],
    ["at home", { bits: motorBits.homeSwitch }, "READY HOME"],
    ["at the home position", { bits: motorBits.home }, "READY HOME"],
    ["without power", { bits: motorBits.gainSupport }, "OFF"],
    ["with power", { bits: motorBits.gainSupport | motorBits.position }, "READY"],
    ["held by SPMG", { mode: 1 }, "DISABLED"],
    ["that moves once", { mode: 2 }, "READY"],
    ["with a minor or major alarm, as limits give", { severity: 2, alarm: 4 }, "READY"],
    ["that is invalid", { severity: 3, alarm: 9 }, "FAULT"],
    ["that stalls", { bits: motorBits.slipStall }, "FAULT"],
    ["whose controller is away", { bits: motorBits.communication, severity: 3, alarm: 9 }, "FAULT"],
  ])("%s", (_, change, expected) => {
    const state = axisStateOf({ ...rest, ...change });
    const flags = ["READY", "MOVING", "FAULT", "OFF", "DISABLED", "LIMPOS", "LIMNEG", "HOME"];
    expect(flags.filter((flag) => state.has(flag)).join(" ")).toBe(expected);
  });

  it("says what is wrong", () => {
    expect(axisStateOf({ ...rest, bits: motorBits.slipStall | motorBits.problem }).description("FAULT")).toBe(
      "the motor slips or is stalled (MSTA); the driver has stopped the motor for a problem (MSTA)",
    );
    expect(axisStateOf({ ...rest, severity: 3, alarm: 17 }).description("FAULT")).toBe(
      "the record is invalid, alarm UDF",
    );
    expect(axisStateOf({ ...rest, mode: 0 }).description("DISABLED")).toBe("SPMG of the record is Stop instead of Go");
  });
});
