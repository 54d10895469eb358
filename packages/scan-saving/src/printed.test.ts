import { ArgumentError } from "@beamtime/errors";
import { expect, it } from "vitest";
import { printed } from "./printed.js";

// as Python's format % 7
it.each([
  ["%04d", "0007"],
  ["%d", "7"],
  ["%3d", "  7"],
  ["%-3d_", "7  _"],
  ["%03i", "007"],
  ["run%03u.100%%", "run007.100%"],
])("writes a number in the format %s", (format, text) => {
  expect(printed(format, 7)).toBe(text);
});

it.each(["", "run", "%%d", "%06.2f", "%d_%d", "%s"])(
  "refuses the format '%s', which cannot tell numbers apart",
  (format) => {
    expect(() => printed(format, 7)).toThrow(ArgumentError);
  },
);
