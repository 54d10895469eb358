import { afterEach, beforeEach, expect, it } from "vitest";
import { isoTime } from "./iso-time.js";

const zone = process.env["TZ"];

beforeEach(() => {
  process.env["TZ"] = "Europe/Paris";
});

afterEach(() => {
  if (zone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone;
});

it("writes local time with microseconds and the offset of that day", () => {
  expect(isoTime(1795233023.684286)).toBe("2026-11-21T04:50:23.684286+01:00");
  expect(isoTime(1782000000)).toBe("2026-06-21T02:00:00.000000+02:00");
});

it("writes offsets west of Greenwich, and of half an hour", () => {
  process.env["TZ"] = "America/St_Johns";
  expect(isoTime(1795233023.5)).toBe("2026-11-21T00:20:23.500000-03:30");
});

it("writes times before 1970", () => {
  process.env["TZ"] = "UTC";
  expect(isoTime(-0.25)).toBe("1969-12-31T23:59:59.750000+00:00");
});
