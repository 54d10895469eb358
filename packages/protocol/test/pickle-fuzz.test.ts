import {
  PickleError,
  type PickleValue,
  PyFrozenSet,
  PyObject,
  PyTuple,
  pyTuple,
  readPickle,
  toPlain,
  writePickle,
} from "@beamtime/protocol";
import { describe, expect, it } from "vitest";
import { Random } from "./random.js";
import { beaconPickles, channelMessages, fromBase64, numpyVectors, redisDump } from "./vectors.js";

describe("hostile pickles", () => {
  it("never fail but with a PickleError, nor make more than their size justifies: mutations of real ones", () => {
    const random = new Random(10);
    const seeds = corpus();
    let accepted = 0;
    for (let round = 0; round < 12_000; round++) {
      const bytes = mutate(random, random.pick(seeds), random.pick(seeds));
      if (readSafely(bytes)) accepted += 1;
    }
    // Enough survive for the test to see what they are read as.
    expect(accepted).toBeGreaterThan(1000);
  });

  it("never fail but with a PickleError, nor make more than their size justifies: random opcodes", () => {
    const random = new Random(11);
    const opcodes = Array.from(new Set(corpus().flatMap((bytes) => Array.from(bytes.subarray(0, 40)))));
    for (let round = 0; round < 12_000; round++) {
      const bytes = Uint8Array.from({ length: 1 + random.below(60) }, () => random.pick(opcodes));
      readSafely(bytes);
    }
  });

  it.each([
    ["a text that announces 4 GiB", "8004 58ffffffff 6161 2e", "truncated"],
    ["bytes that announce 2^63", "8004 8e00000000000000 80 2e", "truncated"],
    ["a frame longer than the input", "8004 95ff00000000000000 4e 2e", "truncated"],
    ["an end without STOP", "8004 4e", "truncated"],
    ["nothing", "", "truncated"],
    ["STOP on an empty stack", "8004 2e", "malformed"],
    ["an APPEND to None", "8004 4e4e61 2e", "malformed"],
    ["SETITEMS with a key alone", "8004 7d284e75 2e", "malformed"],
    ["TUPLE without a mark", "8004 4e74 2e", "malformed"],
    ["more POPs than values", "8004 4e284e303030304e 2e", "malformed"],
    ["a reference to nothing", "8004 6807 2e", "malformed"],
    ["protocol 6", "8006 4e 2e", "unsupported-opcode"],
    ["an extension code", "8004 8201 2e", "unsupported-opcode"],
    ["a persistent id", "8004 4e51 2e", "unsupported-opcode"],
    ["a buffer kept elsewhere", "8005 97 2e", "unsupported-opcode"],
    ["os.system", "8004 8c026f73 8c0673797374656d 93 8c026c73 85 52 2e", "forbidden-global"],
    ["os.system in protocol 2", "8002 636f730a73797374656d0a 2e", "forbidden-global"],
    ["builtins.eval", "8004 8c086275696c74696e73 8c046576616c 93 2e", "forbidden-global"],
    [
      "a call of a class that makes no value",
      "8004 8c086275696c74696e73 8c0373747293 4b0185 52 2e",
      "forbidden-global",
    ],
  ])("are refused: %s", (_, hex, reason) => {
    expect(() => readPickle(Buffer.from(hex.replaceAll(" ", ""), "hex"))).toThrow(
      expect.objectContaining({ name: "PickleError", code: "PICKLE", reason }),
    );
  });

  it("are refused when an array claims more elements than it has bytes", () => {
    const bytes = writePickle({ dtype: "float64", shape: [200], data: new Float64Array(200) });
    const at = Buffer.from(bytes).indexOf(Buffer.from([0x4b, 200, 0x85]));
    bytes[at + 1] = 255;
    expect(() => readPickle(bytes)).toThrow(expect.objectContaining({ reason: "malformed" }));
  });

  it("are refused when they copy the same bytes into array after array", () => {
    const text = (value: string): string =>
      `8c${Buffer.from([value.length]).toString("hex")}${Buffer.from(value).toString("hex")}`;
    const callee = `${text("numpy.core.numeric")}${text("_frombuffer")}9394`;
    const bytes = `43fa${"00".repeat(250)}94`;
    const dtype = `${text("numpy")}${text("dtype")}93${text("u1")}8988875294`;
    // _frombuffer(bytes, dtype, (250,), "C"), all by reference, appended to the list.
    const call = `68002868016802${"4bfa85"}${text("C")}745261`;
    const arrays = (count: number): Uint8Array => {
      return Buffer.from(`8004${callee}${bytes}${dtype}5d${call.repeat(count)}2e`, "hex");
    };
    expect(readPickle(arrays(1))).toEqual([{ dtype: "uint8", shape: [250], data: new Uint8Array(250) }]);
    expect(() => readPickle(arrays(100))).toThrow(expect.objectContaining({ reason: "limit" }));
  });

  it("are refused when nested deeper than the limit, however they are written", () => {
    const nested = (depth: number): Uint8Array => Uint8Array.of(...fill(depth, 0x5d), ...fill(depth - 1, 0x61), 0x2e);
    expect(depthOf(readPickle(nested(200)))).toBe(200);
    expect(() => readPickle(nested(201))).toThrow(expect.objectContaining({ reason: "limit" }));
    expect(() => readPickle(nested(20_000))).toThrow(expect.objectContaining({ reason: "limit" }));
    expect(() => readPickle(nested(10), { maxDepth: 9 })).toThrow(expect.objectContaining({ reason: "limit" }));
    // Each list holds the one before, by reference: the stack stays flat.
    const chain = Array.from({ length: 300 }, (_, index) => {
      const put = [0x5d, 0x94];
      return index === 0 ? put : [...put, 0x6a, ...new Uint8Array(Uint32Array.of(index - 1).buffer), 0x61];
    });
    expect(() => readPickle(Uint8Array.of(...chain.flat(), 0x2e))).toThrow(
      expect.objectContaining({ reason: "limit" }),
    );
  });

  it("are refused when a container met before makes another one too deep", () => {
    const nest = (levels: number, inner: PickleValue): PickleValue =>
      levels === 0 ? inner : nest(levels - 1, [inner]);
    const shared = nest(150, 1);
    expect(depthOf(readPickle(writePickle([shared, nest(49, shared)])))).toBe(200);
    const tooDeep = writePickle([shared, nest(50, shared)]);
    expect(() => readPickle(tooDeep)).toThrow(expect.objectContaining({ reason: "limit" }));
  });

  it.each([
    ["bytes", { maxBytes: 5 }],
    ["containers", { maxContainers: 2 }],
    ["remembered values", { maxMemo: 2 }],
    ["digits", { maxLongBytes: 8 }],
  ])("are refused when they have more %s than allowed", (_, limits) => {
    const bytes = writePickle([["a"], ["b"], 2n ** 80n]);
    expect(readPickle(bytes)).toEqual([["a"], ["b"], 2n ** 80n]);
    expect(() => readPickle(bytes, limits)).toThrow(expect.objectContaining({ reason: "limit" }));
  });

  it("that double at each level stay small, read and plain", () => {
    let value: PickleValue = [1];
    for (let level = 0; level < 100; level++) value = [value, value];
    const plain = toPlain(readPickle(writePickle(value)));
    expect(Array.isArray(plain) && plain[0] === plain[1]).toBe(true);
    expect(footprint(readPickle(writePickle(value)))).toBeLessThan(1000);
  });

  it("may contain themselves, but are not made plain then", () => {
    const cycle = readPickle(Buffer.from("80045d946800612e", "hex"));
    expect(Array.isArray(cycle) && cycle[0] === cycle).toBe(true);
    expect(() => toPlain(cycle)).toThrow(expect.objectContaining({ reason: "unsupported-value" }));
  });

  it("cannot reach a prototype", () => {
    const plain = toPlain(readPickle(writePickle(new Map([["__proto__", new Map([["polluted", true]])]]))));
    expect(Object.getPrototypeOf(plain)).toBeNull();
    expect(Object.keys(plain ?? {})).toEqual(["__proto__"]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

it("keeps what is shared shared", () => {
  const shared = ["x"];
  const value = readPickle(writePickle([shared, shared, pyTuple([shared])]));
  if (!Array.isArray(value) || !(value[2] instanceof PyTuple)) throw new Error("not a list");
  expect(value[0]).toBe(value[1]);
  expect(value[2].items[0]).toBe(value[0]);
});

function corpus(): Uint8Array[] {
  const infos = redisDump("scan").flatMap((key) =>
    key.type === "hash" && key.key.endsWith("_info") ? key.fields : [],
  );
  const vectors = [...numpyVectors(1), ...numpyVectors(2), ...beaconPickles(), ...channelMessages()];
  const pickles = vectors.map(({ bytes }) => bytes);
  return [...pickles, ...infos.map(({ b64 }) => fromBase64(b64))];
}

function mutate(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  let mutated = Array.from(bytes);
  for (let count = 1 + random.below(2); count > 0; count--) {
    const at = random.below(mutated.length);
    const from = random.below(other.length);
    const kind = random.below(6);
    if (kind === 0) mutated[at] = random.below(256);
    else if (kind === 1) mutated[at] = (mutated[at] ?? 0) ^ (1 << random.below(8));
    else if (kind === 2) mutated.splice(at, 1 + random.below(8));
    else if (kind === 3) mutated.splice(at, 0, ...other.subarray(from, from + random.below(30)));
    else if (kind === 4) mutated.splice(at, 0, ...mutated.slice(random.below(at + 1), at));
    else mutated = mutated.slice(0, at + 1);
    if (mutated.length === 0) mutated.push(0x2e);
  }
  return Uint8Array.from(mutated);
}

/** Whether the pickle is read. */
function readSafely(bytes: Uint8Array): boolean {
  try {
    const value = readPickle(bytes);
    expect(footprint(value)).toBeLessThan(16 * bytes.length + 16);
    toPlain(value);
    return true;
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    return false;
  }
}

/** Items, characters and bytes of a value, what is shared counted once. */
function footprint(value: PickleValue, seen = new Set<unknown>()): number {
  if (typeof value === "string") return 1 + value.length;
  if (typeof value !== "object" || value === null || seen.has(value)) return 1;
  seen.add(value);
  let total = 1;
  for (const item of itemsOf(value)) total += footprint(item, seen);
  if ("data" in value) {
    const { data } = value;
    total += ArrayBuffer.isView(data) ? data.byteLength : data.join("").length + data.length;
  }
  return total;
}

function itemsOf(value: PickleValue): Iterable<PickleValue> {
  if (value instanceof PyTuple || value instanceof PyFrozenSet) return value.items;
  if (value instanceof PyObject) return [...value.args, value.state];
  if (value instanceof Map) return [...value.keys(), ...value.values()];
  return Array.isArray(value) || value instanceof Set ? value : [];
}

function depthOf(value: PickleValue): number {
  return Array.isArray(value) ? 1 + Math.max(0, ...value.map(depthOf)) : 0;
}

function fill(count: number, byte: number): number[] {
  return new Array<number>(count).fill(byte);
}
