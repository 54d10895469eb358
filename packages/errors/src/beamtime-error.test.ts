import { expect, it } from "vitest";
import { ArgumentError } from "./argument-error.js";
import { BeamtimeError } from "./beamtime-error.js";
import { errorMessage } from "./error-message.js";

class AxisOnLimitError extends BeamtimeError {
  readonly code = "AXIS_ON_LIMIT";
}

it("an error has the name of its class, its code, its sentence and its cause", () => {
  const cause = new Error("switch closed");
  const error = new AxisOnLimitError("axis roby is on its limit", { cause });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: "AxisOnLimitError", code: "AXIS_ON_LIMIT", cause });
  expect(String(error)).toBe("AxisOnLimitError: axis roby is on its limit");
  expect("cause" in new AxisOnLimitError("no cause")).toBe(false);
});

it("an ArgumentError names the argument", () => {
  const error = new ArgumentError("npoints", "npoints is -1; expected 0 or more");
  expect(error).toMatchObject({ name: "ArgumentError", code: "BAD_ARGUMENT", argument: "npoints" });
});

it.each([
  [new Error("a sentence"), "a sentence"],
  ["a text", "a text"],
  [undefined, "undefined"],
  [{ toString: (): string => "an object" }, "an object"],
])("the sentence of %o is '%s'", (thrown, sentence) => {
  expect(errorMessage(thrown)).toBe(sentence);
});
