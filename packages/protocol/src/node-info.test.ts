import { expect, it } from "vitest";
import { decodeInfo, encodeInfo } from "./node-info.js";
import { readPickle } from "./pickle-reader.js";
import { type PickleValue, PyClass, pyClass, pyFloat, pyTuple } from "./pickle-value.js";
import { writePickle } from "./pickle-writer.js";
import { PyDateTime } from "./python-datetime.js";

function pickled(info: Parameters<typeof encodeInfo>[0], floats?: ReadonlySet<string>): Record<string, PickleValue> {
  return Object.fromEntries(encodeInfo(info, floats).map(([field, bytes]) => [field, readPickle(bytes)]));
}

it("writes integral numbers as ints, except where scan_info has floats", () => {
  const fields = pickled({
    npoints: 3,
    start: [0, 0.5],
    count_time: 1,
    sleep_time: 0,
    stab_time: null,
    start_timestamp: 1795233011,
    positioners: { positioners_start: { roby: 2, robz: 0.5 }, positioners_units: { roby: "mm", robz: null } },
    comments: [{ timestamp: 5, message: "x", count: 1 }],
  });
  expect(fields).toEqual({
    npoints: 3,
    start: [0, pyFloat(0.5)],
    count_time: pyFloat(1),
    sleep_time: pyFloat(0),
    stab_time: null,
    start_timestamp: pyFloat(1795233011),
    positioners: new Map<PickleValue, PickleValue>([
      [
        "positioners_start",
        new Map([
          ["roby", pyFloat(2)],
          ["robz", pyFloat(0.5)],
        ]),
      ],
      [
        "positioners_units",
        new Map([
          ["roby", "mm"],
          ["robz", null],
        ]),
      ],
    ]),
    comments: [
      new Map<PickleValue, PickleValue>([
        ["timestamp", pyFloat(5)],
        ["message", "x"],
        ["count", 1],
      ]),
    ],
  });
});

it("takes another set of float keys", () => {
  expect(pickled({ gain: 2, npoints: 2 }, new Set(["gain"]))).toEqual({ gain: pyFloat(2), npoints: 2 });
});

it("writes dates as naive local datetimes and leaves out what is undefined", () => {
  const date = new Date(2026, 10, 21, 3, 50, 11, 957);
  const fields = pickled({ start_time: date, missing: undefined, nested: { missing: undefined, kept: 1 } });
  expect(fields).toEqual({ start_time: PyDateTime.fromDate(date), nested: new Map([["kept", 1]]) });
});

it("leaves values that name their own type as they are", () => {
  const dtype = pyClass("numpy", "float64");
  const { shape, dtype: written } = pickled({ shape: pyTuple([2, 3]), dtype });
  expect(shape).toEqual(pyTuple([2, 3]));
  expect(written).toBeInstanceOf(PyClass);
});

it("refuses an info that contains itself", () => {
  const cycle: { [key: string]: null | typeof cycle } = {};
  cycle["self"] = cycle;
  expect(() => encodeInfo({ cycle })).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
});

it("reads what can be read, and names what cannot", () => {
  const { values, unreadable } = decodeInfo({
    title: writePickle("ascan"),
    broken: Uint8Array.of(1, 2, 3),
    secret: Buffer.from("\x80\x02cos\nsystem\n.", "latin1"),
    shape: writePickle(pyTuple([4])),
    dtype: writePickle(pyClass("numpy", "uint16")),
  });
  expect(values).toEqual({ title: "ascan", shape: [4], dtype: "uint16" });
  expect(unreadable).toEqual(["broken", "secret"]);
});
