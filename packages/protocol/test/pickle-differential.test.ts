import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  allocateData,
  type DType,
  dtypes,
  NumpyScalar,
  type PickleValue,
  PyDateTime,
  PyFloat,
  PyTuple,
  pyFloat,
  pyTuple,
  readPickle,
  sizeOfShape,
  type TypedArray,
  writePickle,
} from "@beamtime/protocol";
import { describe, expect, it } from "vitest";
import { Random } from "./random.js";

const script = fileURLToPath(new URL("pickle_peer.py", import.meta.url));
const numpyPython = process.env["BEAMTIME_PYTHON"];
const python = numpyPython ?? "python3";
const hasPython = spawnSync(python, ["--version"]).status === 0;
const hasNumpy = hasPython && spawnSync(python, ["-c", "import numpy"]).status === 0;

/** A value as the peer describes it. */
type Tree = readonly [kind: string, content: unknown];

describe.skipIf(!hasPython)("pickles compared with CPython (skipped without python3)", () => {
  it("reads the random values that CPython writes, in every protocol", async () => {
    const random = new Random(1);
    const values = Array.from({ length: 400 }, () => randomValue(random, 0));
    const requests = values.flatMap((value) => [2, 3, 4, 5].map((protocol) => ({ write: [treeOf(value), protocol] })));
    const answers = await ask(requests);
    answers.forEach((answer, index) => {
      const bytes = Buffer.from(String(answer), "base64");
      expect(treeOf(readPickle(bytes))).toEqual(treeOf(values[Math.floor(index / 4)] ?? null));
    });
  });

  it("writes random values that CPython reads as equal, and writes again byte for byte", async () => {
    const random = new Random(2);
    const values = Array.from({ length: 1000 }, () => randomValue(random, 0));
    await expectWritten(values);
  });

  it("cuts long pickles in frames as CPython does", async () => {
    const long = "x".repeat(70_000);
    const numbers = Array.from({ length: 30_000 }, (_, index) => pyFloat(index));
    const texts = Array.from({ length: 5_000 }, (_, index) => `text number ${index}`);
    await expectWritten([long, ["a", long, "b"], new Uint8Array(65_536), [new Uint8Array(65_535)], numbers, texts]);
    await expectWritten([new Map(numbers.map((number, index) => [index, number])), [numbers, long, texts, long]]);
    await expectWritten([new Set(numbers.keys()), new Set(texts.keys()), [[1], new Map([[1, 1]]), new Set([1])]]);
  });
});

describe.skipIf(!hasNumpy)("pickles compared with NumPy (skipped unless BEAMTIME_PYTHON has it)", () => {
  it("reads scalars and arrays of every type, byte order and layout", async () => {
    const random = new Random(3);
    const values = Array.from({ length: 400 }, () => randomNumpy(random));
    const requests = values.flatMap((value) => [2, 3, 4, 5].map((protocol) => ({ write: [treeOf(value), protocol] })));
    const answers = await ask(requests);
    answers.forEach((answer, index) => {
      const bytes = Buffer.from(String(answer), "base64");
      expect(treeOf(readPickle(bytes))).toEqual(treeOf(values[Math.floor(index / 4)] ?? null));
    });
  });

  it("writes scalars and arrays that NumPy reads as equal", async () => {
    const random = new Random(4);
    const values = Array.from({ length: 400 }, () => randomNumpy(random));
    const answers = await ask(values.map((value) => ({ read: base64(writePickle(value)) })));
    answers.forEach((answer, index) => {
      expect((answer as [Tree])[0]).toEqual(treeOf(values[index] ?? null));
    });
  });
});

async function expectWritten(values: readonly PickleValue[]): Promise<void> {
  const pickles = values.map((value) => base64(writePickle(value)));
  const answers = await ask(pickles.map((read) => ({ read })));
  answers.forEach((answer, index) => {
    const [tree, again] = answer as [Tree, string];
    expect(tree).toEqual(treeOf(values[index] ?? null));
    expect(again).toBe(pickles[index]);
  });
}

async function ask(requests: readonly unknown[]): Promise<unknown[]> {
  const peer = spawn(python, [script], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, PYTHONUTF8: "1" },
  });
  peer.stdin.end(`${requests.map((request) => JSON.stringify(request)).join("\n")}\n`);
  const answers: unknown[] = [];
  for await (const line of createInterface({ input: peer.stdout })) answers.push(JSON.parse(line));
  expect(answers).toHaveLength(requests.length);
  return answers;
}

function randomValue(random: Random, depth: number): PickleValue {
  const items = (): PickleValue[] => {
    return Array.from({ length: random.below(6) }, () => randomValue(random, depth + 1));
  };
  const kinds = ["none", "bool", "int", "long", "float", "text", "bytes", "datetime"];
  switch (random.pick(depth < 4 ? [...kinds, "list", "tuple", "dict", "set", "list", "dict"] : kinds)) {
    case "bool":
      return random.below(2) === 0;
    case "int":
      return Math.floor((random.fraction() - 0.5) * 2 ** random.below(53));
    case "long":
      return randomLong(random);
    case "float":
      return pyFloat(new DataView(random.bytes(8).buffer).getFloat64(0) || 0);
    case "text":
      return randomText(random);
    case "bytes":
      // CPython has one object for each byte string of length 0 and 1, so that their pickles refer to each other.
      return random.bytes(2 + random.below(400));
    case "datetime":
      return PyDateTime.fromEpoch(random.below(2 ** 31) + random.fraction());
    case "list":
      return items();
    case "tuple":
      return pyTuple(items());
    case "dict":
      return new Map(items().map((item) => [randomText(random), item]));
    case "set":
      // Small integers, because Python iterates over them in order.
      return new Set(Array.from({ length: random.below(5) }, (_, index) => index));
    default:
      return null;
  }
}

function randomLong(random: Random): PickleValue {
  const magnitude = BigInt(`0x${Buffer.from(random.bytes(1 + random.below(300))).toString("hex")}`);
  const value = random.below(2) === 0 ? magnitude : -magnitude;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function randomText(random: Random): string {
  const alphabet = ["a", "Z", "0", "_", ":", "é", "€", "😀", "\ud800", "\u0000", "\ufeff"];
  return Array.from({ length: random.below(random.pick([3, 12, 300])) }, () => random.pick(alphabet)).join("");
}

const numberTypes = dtypes.filter((dtype) => dtype !== "string");

function randomNumpy(random: Random): PickleValue {
  const dtype = random.pick(numberTypes);
  const shape = Array.from({ length: random.below(4) }, () => random.below(5));
  const isScalar = random.below(3) === 0;
  // No texts among these types.
  const data = allocateData(dtype, isScalar ? 1 : sizeOfShape(shape)) as TypedArray;
  const bytes = new Uint8Array(data.buffer);
  bytes.set(random.bytes(bytes.length).map((byte) => (dtype === "bool" ? byte & 1 : byte)));
  if (data instanceof Float32Array || data instanceof Float64Array) {
    data.forEach((value, index) => {
      // Which not-a-number it is gets lost on the way.
      if (Number.isNaN(value)) data[index] = 0;
    });
  }
  if (!isScalar) return { dtype, shape, data };
  const [value = 0] = data;
  return new NumpyScalar(dtype, dtype === "bool" ? value !== 0 : value);
}

function treeOf(value: PickleValue): Tree {
  if (value === null) return ["none", null];
  if (typeof value === "boolean") return ["bool", value];
  if (typeof value === "number" || typeof value === "bigint") return ["int", String(value)];
  if (typeof value === "string") return ["str", value];
  if (value instanceof PyFloat) return ["float", hexOfFloat(value.value)];
  if (value instanceof Uint8Array) return ["bytes", Buffer.from(value).toString("hex")];
  if (value instanceof PyDateTime) {
    const { year, month, day, hour, minute, second, microsecond } = value;
    return ["datetime", [year, month, day, hour, minute, second, microsecond]];
  }
  if (Array.isArray(value)) return ["list", value.map(treeOf)];
  if (value instanceof PyTuple) return ["tuple", value.items.map(treeOf)];
  if (value instanceof Set) return ["set", Array.from(value, treeOf)];
  if (value instanceof Map) return ["dict", Array.from(value, ([key, item]) => [treeOf(key), treeOf(item)])];
  if (value instanceof NumpyScalar) {
    const data = allocateData(value.dtype, 1) as TypedArray;
    data[0] = (typeof value.value === "boolean" ? Number(value.value) : value.value) as never;
    return ["scalar", [codeOf(value.dtype), hexOf(data)]];
  }
  if ("data" in value && !Array.isArray(value.data)) {
    return ["array", [codeOf(value.dtype), value.shape, hexOf(value.data as TypedArray)]];
  }
  throw new Error("no such value is made");
}

function codeOf(dtype: DType): string {
  if (dtype === "bool") return "|b1";
  const size = Number(/\d+/.exec(dtype)?.[0]) / 8;
  return `${size === 1 ? "|" : "<"}${dtype.charAt(0)}${size}`;
}

function hexOf(data: TypedArray): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("hex");
}

function hexOfFloat(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return Buffer.from(view.buffer).toString("hex");
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
