import { inspect } from "node:util";
import { expect, it } from "vitest";
import { AxisState } from "./axis-state.js";

it("prints its flags with their descriptions", () => {
  const state = new AxisState(["READY", ["LIMPOS", "end of the granite"]]);
  expect(state.toString()).toBe("READY (Axis is READY) | LIMPOS (end of the granite)");
  expect(inspect({ state })).toBe("{ state: READY (Axis is READY) | LIMPOS (end of the granite) }");
  expect(state.has("LIMPOS")).toBe(true);
  expect(state.has("MOVING")).toBe(false);
  expect(state.equals(new AxisState(["READY", ["LIMPOS", "end of the granite"]]))).toBe(true);
  expect(state.equals(AxisState.ready)).toBe(false);
});
