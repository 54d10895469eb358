import { expect, it } from "vitest";
import { PyDate, PyDateTime, PyTimeDelta } from "./python-datetime.js";
import { pythonTimeText } from "./python-time-text.js";

// The fields are local time; on this test's process the place is fixed.
process.env["TZ"] = "Europe/Paris";

it("takes an epoch apart into local time, to the microsecond as Python rounds it", () => {
  const { year, month, day, hour, minute, second, microsecond, utcOffset } = PyDateTime.fromEpoch(1795233011.9575698);
  expect([year, month, day, hour, minute, second, microsecond]).toEqual([2026, 11, 21, 4, 50, 11, 957570]);
  expect(utcOffset).toBeNull();
});

it.each([
  [0.9999996, 1, 0],
  [-0.25, -1, 750_000],
  [0.0000005, 0, 0],
  [0.0000015, 0, 2],
])("carries the rounded microseconds of %d into the seconds", (epoch, seconds, microsecond) => {
  const datetime = PyDateTime.fromEpoch(epoch);
  expect(datetime.microsecond).toBe(microsecond);
  expect(Math.floor(datetime.toDate().getTime() / 1000)).toBe(seconds);
});

it("is the same moment as the date it comes from", () => {
  const date = new Date("2026-07-01T12:00:00.123Z");
  expect(PyDateTime.fromDate(date)).toMatchObject({ hour: 14, microsecond: 123_000 });
  expect(PyDateTime.fromDate(date).toDate()).toEqual(date);
});

it("honours an offset from UTC", () => {
  const datetime = new PyDateTime({ year: 2026, month: 1, day: 1, hour: 12, utcOffset: -5 * 3600 });
  expect(datetime.toDate().toISOString()).toBe("2026-01-01T17:00:00.000Z");
});

it("keeps the years before 100", () => {
  expect(new PyDateTime({ year: 99, month: 1, day: 2 }).toDate().getFullYear()).toBe(99);
});

it("prints a time as Python's strftime does, in local time", () => {
  expect(pythonTimeText(1795233012.347945)).toBe("Sat Nov 21 04:50:12 2026");
  expect(pythonTimeText(1767225600)).toBe("Thu Jan 01 01:00:00 2026");
});

it("prints a date in its ISO form, and adds up a duration", () => {
  expect(new PyDate(2024, 2, 9).toString()).toBe("2024-02-09");
  expect(new PyTimeDelta(-1, 86_399, 500_000).totalSeconds).toBeCloseTo(-0.5);
});
