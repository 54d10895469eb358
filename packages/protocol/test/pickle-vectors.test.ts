import {
  NumpyDtype,
  numpyScalar,
  type PickleValue,
  PyComplex,
  PyDate,
  PyDateTime,
  PyFrozenSet,
  PyTimeDelta,
  pyClass,
  pyFloat,
  pyTuple,
  readPickle,
  writePickle,
} from "@beamtime/protocol";
import { describe, expect, it } from "vitest";
import { beaconPickles, numpyVectors, type PickleVector } from "./vectors.js";

const f = pyFloat;
const text = "é€😀";
const leapDay = { year: 2024, month: 2, day: 29, hour: 12, minute: 34, second: 56, microsecond: 789012 };
const description = (dtype: PickleValue, shape: number[], unit: string | null): PickleValue =>
  new Map<PickleValue, PickleValue>([
    ["reference", false],
    ["dtype", dtype],
    ["shape", pyTuple(shape)],
    ["unit", unit],
  ]);

const expected: Record<string, PickleValue> = {
  None: null,
  True: true,
  False: false,
  "0": 0,
  "1": 1,
  "255": 255,
  "256": 256,
  "65535": 65535,
  "65536": 65536,
  "-1": -1,
  "2**31-1": 2147483647,
  "2**31": 2147483648,
  "-2**31": -2147483648,
  "-2**31-1": -2147483649,
  "2**63": 2n ** 63n,
  "-2**63": -(2n ** 63n),
  "2**70": 2n ** 70n,
  "0.0": f(0),
  "1.5": f(1.5),
  "-1e-300": f(-1e-300),
  "float('nan')": f(Number.NaN),
  "float('inf')": f(Number.POSITIVE_INFINITY),
  "''": "",
  "'mm'": "mm",
  "'é€😀'": text,
  "'x'*255": "x".repeat(255),
  "'x'*256": "x".repeat(256),
  "b''": new Uint8Array(0),
  "b'abc\\x00\\xff'": Uint8Array.of(97, 98, 99, 0, 255),
  "()": pyTuple([]),
  "(1,)": pyTuple([1]),
  "(1, 2)": pyTuple([1, 2]),
  "(1, 2, 3)": pyTuple([1, 2, 3]),
  "(1, 2, 3, 4)": pyTuple([1, 2, 3, 4]),
  "(1024,)": pyTuple([1024]),
  "(-1, -1)": pyTuple([-1, -1]),
  "[]": [],
  "[0]": [0],
  "[0, 1]": [0, 1],
  "['a', 'b', 'a']": ["a", "b", "a"],
  "{}": new Map(),
  "{'a': 1}": new Map([["a", 1]]),
  "{'a': 1, 'b': {'c': [1, 2.5, None]}}": new Map<PickleValue, PickleValue>([
    ["a", 1],
    ["b", new Map([["c", [1, f(2.5), null]]])],
  ]),
  "set()": new Set(),
  "{1}": new Set([1]),
  "frozenset((1,))": new PyFrozenSet<PickleValue>([1]),
  float: pyClass("builtins", "float"),
  int: pyClass("builtins", "int"),
  str: pyClass("builtins", "str"),
  bool: pyClass("builtins", "bool"),
  "numpy.float64": pyClass("numpy", "float64"),
  "numpy.float32": pyClass("numpy", "float32"),
  "numpy.uint32": pyClass("numpy", "uint32"),
  "numpy.int16": pyClass("numpy", "int16"),
  "numpy.bool_": pyClass("numpy", "bool_"),
  "numpy.dtype('float64')": new NumpyDtype("f8", "<"),
  "numpy.dtype('uint8')": new NumpyDtype("u1", "|"),
  "numpy.dtype('<U2')": new NumpyDtype("U2", "<"),
  "numpy.dtype('>i4')": new NumpyDtype("i4", ">"),
  "datetime.datetime(2024, 2, 29, 12, 34, 56, 789012)": new PyDateTime(leapDay),
  "datetime.datetime(2024, 2, 29, 12, 34, 56, 789012, tzinfo=datetime.timezone.utc)": new PyDateTime({
    ...leapDay,
    utcOffset: 0,
  }),
  "datetime.date(2024, 2, 29)": new PyDate(2024, 2, 29),
  "datetime.timedelta(1, 2, 3)": new PyTimeDelta(1, 2, 3),
  "numpy.float64(1.5)": numpyScalar("float64", 1.5),
  "numpy.float32(1.5)": numpyScalar("float32", 1.5),
  "numpy.int64(-3)": numpyScalar("int64", -3n),
  "numpy.uint8(7)": numpyScalar("uint8", 7),
  "numpy.bool_(True)": numpyScalar("bool", true),
  "numpy.str_('ab')": numpyScalar("string", "ab"),
  "numpy.array([1.5, 2.5])": { dtype: "float64", shape: [2], data: Float64Array.of(1.5, 2.5) },
  "numpy.arange(3)": { dtype: "int64", shape: [3], data: BigInt64Array.of(0n, 1n, 2n) },
  "numpy.arange(6, dtype=numpy.uint16).reshape(2, 3)": {
    dtype: "uint16",
    shape: [2, 3],
    data: Uint16Array.of(0, 1, 2, 3, 4, 5),
  },
  "numpy.asfortranarray(numpy.arange(6.).reshape(2, 3))": {
    dtype: "float64",
    shape: [2, 3],
    data: Float64Array.of(0, 1, 2, 3, 4, 5),
  },
  "numpy.array([True, False])": { dtype: "bool", shape: [2], data: Uint8Array.of(1, 0) },
  "numpy.array(['a', 'bc'])": { dtype: "string", shape: [2], data: ["a", "bc"] },
  "numpy.array([1, 2], dtype='>i4')": { dtype: "int32", shape: [2], data: Int32Array.of(1, 2) },
  "numpy.array([], dtype=float)": { dtype: "float64", shape: [0], data: new Float64Array(0) },
  "numpy.array(2.5)": { dtype: "float64", shape: [], data: Float64Array.of(2.5) },
  "{'reference': False, 'dtype': numpy.float64, 'shape': (), 'unit': 'mm'}": description(
    pyClass("numpy", "float64"),
    [],
    "mm",
  ),
  "{'reference': False, 'dtype': float, 'shape': (), 'unit': None}": description(
    pyClass("builtins", "float"),
    [],
    null,
  ),
  "{'reference': False, 'dtype': numpy.uint32, 'shape': (1024,), 'unit': None}": description(
    pyClass("numpy", "uint32"),
    [1024],
    null,
  ),
  "OrderedDict([('a', 1), ('b', 2)])": new Map([
    ["a", 1],
    ["b", 2],
  ]),
};

/** Values without a counterpart here: refused, each with this reason. */
const refused = new Map([
  ["numpy.array([1+2j])", "unsupported-value"],
  ["numpy.array([None, 'x'], dtype=object)", "unsupported-value"],
]);

/** Values whose type or layout is not kept: read as an equal value, written in the simpler form. */
const simplified = new Set([
  "OrderedDict([('a', 1), ('b', 2)])",
  "numpy.asfortranarray(numpy.arange(6.).reshape(2, 3))",
  "numpy.array([1, 2], dtype='>i4')",
]);

const title = ({ name, protocol }: PickleVector): string => `${name}, protocol ${protocol}`;

describe.each([1, 2] as const)("pickles of NumPy %i", (generation) => {
  const vectors = numpyVectors(generation);
  const readable = vectors.filter(({ name }) => !refused.has(name));

  it.each(readable.map((vector) => [title(vector), vector] as const))("reads %s", (_, { name, bytes }) => {
    const value = generation === 2 && name === "numpy.bool_" ? pyClass("numpy", "bool") : expected[name];
    expect(readPickle(bytes)).toStrictEqual(value);
  });

  it.each(vectors.filter(({ name }) => refused.has(name)).map((vector) => [title(vector), vector] as const))(
    "refuses %s",
    (_, { name, bytes }) => {
      expect(() => readPickle(bytes)).toThrow(expect.objectContaining({ code: "PICKLE", reason: refused.get(name) }));
    },
  );
});

describe("pickles of protocol 4 of NumPy 1", () => {
  const determined = numpyVectors(1).filter(
    ({ name, protocol }) => protocol === 4 && !refused.has(name) && !simplified.has(name),
  );

  it.each(determined.map((vector) => [vector.name, vector] as const))(
    "are written as CPython does: %s",
    (_, vector) => {
      expect(hex(writePickle(readPickle(vector.bytes)))).toBe(hex(vector.bytes));
    },
  );
});

describe("pickles of settings and channels", () => {
  /** By name; the file describes these only by their Python form. */
  const objects: Record<string, PickleValue> = {
    // Its 3.0 is an integer in the JSON.
    "list mixed": [1, "two", f(3), null, true],
    OrderedDict: new Map([["a", 1]]),
    complex: new PyComplex(1, 2),
    datetime: new PyDateTime({ year: 2020, month: 1, day: 2, hour: 3, minute: 4, second: 5 }),
    date: new PyDate(2020, 1, 2),
    bytearray: Uint8Array.of(97, 98),
    "numpy scalar float64": numpyScalar("float64", 1.5),
    "numpy scalar float32": numpyScalar("float32", 1.5),
    "numpy scalar int64": numpyScalar("int64", 7n),
    "numpy scalar int32": numpyScalar("int32", -7),
    "numpy scalar uint8": numpyScalar("uint8", 3),
    "numpy scalar bool_": numpyScalar("bool", true),
    "numpy scalar str_": numpyScalar("string", "x"),
    "numpy dtype <f8": new NumpyDtype("f8", "<"),
    "numpy dtype <f4": new NumpyDtype("f4", "<"),
    "numpy dtype <i4": new NumpyDtype("i4", "<"),
    "numpy dtype <u2": new NumpyDtype("u2", "<"),
    "numpy dtype |u1": new NumpyDtype("u1", "|"),
    "numpy dtype |b1": new NumpyDtype("b1", "|"),
    "numpy dtype <U3": new NumpyDtype("U3", "<"),
    "numpy dtype |S2": new NumpyDtype("S2", "|"),
    "numpy dtype >f8": new NumpyDtype("f8", ">"),
    "numpy array f8": { dtype: "float64", shape: [3], data: Float64Array.of(1, 2, 3.5) },
    "numpy array 2d u2": { dtype: "uint16", shape: [2, 3], data: Uint16Array.of(0, 1, 2, 3, 4, 5) },
    "numpy array 0d": { dtype: "float64", shape: [], data: Float64Array.of(4) },
    "numpy array fortran": { dtype: "int32", shape: [2, 2], data: Int32Array.of(0, 1, 2, 3) },
    "numpy array f8 protocol 5": { dtype: "float64", shape: [1], data: Float64Array.of(1) },
    "numpy array str": { dtype: "string", shape: [2], data: ["ab", "c"] },
    "numpy float64 type object": pyClass("numpy", "float64"),
  };
  const reasons = new Map([
    ["protocol 0 dict", "unsupported-opcode"],
    ["numpy structured dtype", "unsupported-value"],
  ]);
  const vectors = beaconPickles().map((vector) => [title(vector), vector] as const);

  it.each(vectors.filter(([, { name }]) => !reasons.has(name)))("reads %s", (_, { name, bytes, value }) => {
    expect(readPickle(bytes)).toStrictEqual(objects[name] ?? fromJson(value, name));
  });

  it.each(vectors.filter(([, { name }]) => reasons.has(name)))("refuses %s", (_, { name, bytes }) => {
    expect(() => readPickle(bytes)).toThrow(expect.objectContaining({ code: "PICKLE", reason: reasons.get(name) }));
  });

  const changed = new Set(["OrderedDict", "bytearray", "numpy array fortran"]);
  const determined = vectors.filter(([, { name, protocol }]) => {
    return protocol === 4 && !reasons.has(name) && !changed.has(name);
  });
  it.each(determined)("writes %s as CPython does", (_, { bytes }) => {
    expect(hex(writePickle(readPickle(bytes)))).toBe(hex(bytes));
  });
});

/** The JSON form of `beacon-pickle.json`; a number with a fraction, or named as a float, is a float. */
function fromJson(value: unknown, name: string): PickleValue {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return Number.isInteger(value) && !name.startsWith("float") ? value : f(value);
  if (Array.isArray(value)) return value.map((item) => fromJson(item, name));
  const [[kind, content] = ["", null]] = Object.entries(value as Record<string, unknown>);
  const items = Array.isArray(content) ? content.map((item) => fromJson(item, name)) : [];
  switch (kind) {
    case "int":
      return BigInt(String(content));
    case "float":
      return f(Number(String(content).replace("inf", "Infinity")));
    case "bytes":
      return Uint8Array.from(Buffer.from(String(content), "hex"));
    case "tuple":
      return pyTuple(items);
    case "set":
      return name === "frozenset" ? new PyFrozenSet(items) : new Set(items);
    case "dict":
      return new Map(items.map((pair) => pair as [PickleValue, PickleValue]));
    case "len":
      return Array.from({ length: Number(content) }, (_, index) => index);
    default:
      throw new Error(`no expectation for ${name}`);
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
