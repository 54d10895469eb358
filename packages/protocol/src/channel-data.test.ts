import { describe, expect, it } from "vitest";
import { ChannelDataDecoder, decodeChannelData } from "./channel-data-decoder.js";
import { channelDataEncoder } from "./channel-data-encoder.js";
import { type ChannelDescription, decodeDescription, encodeDescription } from "./channel-description.js";
import { type ArrayData, allocateData, type DType, sizeOfShape, type TypedArray } from "./nd-array.js";
import { numpyScalar } from "./numpy-scalar.js";
import { readPickle } from "./pickle-reader.js";
import { pyClass, pyFloat, pyTuple } from "./pickle-value.js";
import { type PickleInput, writePickle } from "./pickle-writer.js";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const describeChannel = (dtype: DType, shape: number[] = []): ChannelDescription => {
  return { dtype, shape, unit: null, reference: false };
};

describe("the encoder of a channel", () => {
  const scalar =
    "80049569000000000000008c156e756d70792e636f72652e6d756c74696172726179948c067363616c61729493948c056e756d7079948c05" +
    "64747970659493948c02663894898887945294284b038c013c944e4e4e4affffffff4affffffff4b007494624308";

  it("writes one value as the NumPy scalar that BLISS writes", () => {
    const encoder = channelDataEncoder("float64", []);
    expect(hex(encoder.encode(Float64Array.of(0), 0, 1))).toBe(`${scalar}000000000000000094869452942e`);
    expect(hex(encoder.encode(Float64Array.of(9, 1.5), 1, 1))).toBe(`${scalar}000000000000f83f94869452942e`);
  });

  it("writes several values as the NumPy array that BLISS writes", () => {
    expect(hex(channelDataEncoder("float64", []).encode(Float64Array.of(0, 1, 2), 0, 3))).toBe(
      "800495a0000000000000008c156e756d70792e636f72652e6d756c74696172726179948c0c5f7265636f6e7374727563749493948c056e75" +
        "6d7079948c076e6461727261799493944b0085944301629487945294284b014b03859468038c0564747970659493948c0266389489888794" +
        "5294284b038c013c944e4e4e4affffffff4affffffff4b007494628943180000000000000000000000000000f03f00000000000000409474" +
        "94622e",
    );
  });

  it("gives bytes that later calls do not change", () => {
    const encoder = channelDataEncoder("int32", []);
    const first = encoder.encode(Int32Array.of(1), 0, 1);
    const before = hex(first);
    encoder.encode(Int32Array.of(2), 0, 1);
    expect(hex(first)).toBe(before);
  });

  const dtypes = [
    "float64",
    "float32",
    "int64",
    "int32",
    "int16",
    "int8",
    "uint64",
    "uint32",
    "uint16",
    "uint8",
  ] as const;
  it.each([...dtypes, "bool"] as const)("round-trips %s, of any rank and number of points, at any offset", (dtype) => {
    for (const shape of [[], [1], [4], [2, 3]]) {
      const encoder = channelDataEncoder(dtype, shape);
      const size = sizeOfShape(shape);
      // Each length twice: made by the pickle writer, then by the template.
      for (const npoints of [1, 1, 3, 3, 1, 300]) {
        const data = allocateData(dtype, (npoints + 1) * size) as TypedArray;
        for (let index = 0; index < data.length; index++) data[index] = toStorage(data, index % 2) as never;
        const bytes = encoder.encode(data, size, npoints);
        const expected = { dtype, shape: [npoints, ...shape], data: data.slice(size) };
        expect(decodeChannelData(bytes, describeChannel(dtype, shape), npoints)).toStrictEqual(expected);
        // The template gives the very bytes of the pickle writer.
        expect(hex(writePickle(readPickle(bytes)))).toBe(hex(bytes));
      }
    }
  });

  it("writes texts as wide as the longest", () => {
    const encoder = channelDataEncoder("string", []);
    const texts = ["ab", "", "é€😀"];
    const bytes = encoder.encode(texts, 0, 3);
    expect(decodeChannelData(bytes, describeChannel("string"), 3)).toEqual({
      dtype: "string",
      shape: [3],
      data: texts,
    });
    for (const [index, text] of texts.entries()) {
      const single = encoder.encode(texts, index, 1);
      expect(readPickle(single)).toEqual(numpyScalar("string", text));
    }
  });

  it("writes references as plain texts", () => {
    const encoder = channelDataEncoder("string", [], { reference: true });
    expect(readPickle(encoder.encode(["s:1_ascan"], 0, 1))).toBe("s:1_ascan");
    expect(readPickle(encoder.encode(["a", "b"], 0, 2))).toEqual(["a", "b"]);
  });

  it.each([
    ["storage of another type", Float32Array.of(1), 0, 1, "Float64Array"],
    ["texts", ["1"], 0, 1, "Float64Array"],
    ["too few elements", Float64Array.of(1, 2), 1, 2, "2 elements"],
    ["a negative offset", Float64Array.of(1, 2), -1, 1, "-1"],
  ])("refuses %s", (_, data: ArrayData, offset, npoints, message) => {
    expect(() => channelDataEncoder("float64", []).encode(data, offset, npoints)).toThrow(
      expect.objectContaining({ code: "BAD_ARGUMENT", message: expect.stringContaining(message) }),
    );
  });
});

describe("the description of a channel", () => {
  it("is written as BLISS writes that of an axis", () => {
    const axis = { dtype: "float64", shape: [], unit: "mm", reference: false, dtypeForm: "numpy" } as const;
    expect(hex(encodeDescription(axis))).toBe(
      "80049543000000000000007d94288c097265666572656e636594898c056474797065948c056e756d7079948c07666c6f61743634949394" +
        "8c05736861706594298c04756e6974948c026d6d94752e",
    );
  });

  it("names Python's classes where there are, unless NumPy's are asked for", () => {
    const classOf = (dtype: DType, dtypeForm?: "numpy"): unknown => {
      const bytes = encodeDescription({ ...describeChannel(dtype), ...(dtypeForm ? { dtypeForm } : {}) });
      return (readPickle(bytes) as Map<string, unknown>).get("dtype");
    };
    expect(classOf("float64")).toEqual(pyClass("builtins", "float"));
    expect(classOf("string")).toEqual(pyClass("builtins", "str"));
    expect(classOf("uint16")).toEqual(pyClass("numpy", "uint16"));
    expect(classOf("bool", "numpy")).toEqual(pyClass("numpy", "bool_"));
  });

  it.each<[string, PickleInput, DType]>([
    ["a class of Python", pyClass("builtins", "int"), "int64"],
    ["a class of NumPy", pyClass("numpy", "uint16"), "uint16"],
    ["a name", "float32", "float32"],
    ["a code with byte order", ">i4", "int32"],
    ["a code of texts", "<U7", "string"],
  ])("is read with a type given by %s", (_, dtype, expected) => {
    expect(decodeDescription(writePickle({ dtype, shape: pyTuple([4]), unit: "s" }))).toEqual({
      dtype: expected,
      shape: [4],
      unit: "s",
      reference: false,
    });
  });

  it("needs nothing but a type", () => {
    expect(decodeDescription(writePickle({ dtype: "float64" }))).toEqual(describeChannel("float64"));
    expect(decodeDescription(writePickle({ dtype: "float64", shape: "?", unit: 3 }))).toEqual(
      describeChannel("float64"),
    );
  });

  it.each<[string, PickleInput]>([
    ["has no type", { shape: pyTuple([]) }],
    ["has a type that does not exist here", { dtype: pyClass("numpy", "complex128") }],
    ["is no dict", [1]],
  ])("is refused when it %s", (_, value) => {
    expect(() => decodeDescription(writePickle(value))).toThrow(expect.objectContaining({ code: "PROTOCOL" }));
  });
});

describe("data of a channel", () => {
  const decode = (value: PickleInput, description: ChannelDescription, npoints: number): unknown => {
    return decodeChannelData(writePickle(value), description, npoints);
  };

  it("may be what Python has", () => {
    const float = describeChannel("float64");
    expect(decode(pyFloat(2), float, 1)).toEqual({ dtype: "float64", shape: [1], data: Float64Array.of(2) });
    expect(decode(7, float, 1)).toEqual({ dtype: "float64", shape: [1], data: Float64Array.of(7) });
    expect(decode([1, 2.5, true], float, 3)).toEqual({
      dtype: "float64",
      shape: [3],
      data: Float64Array.of(1, 2.5, 1),
    });
    expect(decode([2n ** 60n, 1], describeChannel("int64"), 2)).toMatchObject({
      data: BigInt64Array.of(2n ** 60n, 1n),
    });
    expect(decode(["a", "b"], describeChannel("string"), 2)).toMatchObject({ data: ["a", "b"] });
    expect(
      decode(
        [
          [1, 2],
          [3, 4],
        ],
        describeChannel("uint8", [2]),
        2,
      ),
    ).toEqual({
      dtype: "uint8",
      shape: [2, 2],
      data: Uint8Array.of(1, 2, 3, 4),
    });
  });

  it("gets the type of the description", () => {
    const integers = { dtype: "int64", shape: [2], data: BigInt64Array.of(-1n, 300n) } as const;
    expect(decode(integers, describeChannel("float64"), 2)).toMatchObject({ data: Float64Array.of(-1, 300) });
    expect(decode(integers, describeChannel("uint8"), 2)).toMatchObject({ data: Uint8Array.of(255, 44) });
    expect(decode(integers, describeChannel("bool"), 2)).toMatchObject({ data: Uint8Array.of(1, 1) });
    const floats = { dtype: "float64", shape: [3], data: Float64Array.of(1.9, -1.9, Number.NaN) } as const;
    expect(decode(floats, describeChannel("int64"), 3)).toMatchObject({
      data: BigInt64Array.of(1n, -1n, -(2n ** 63n)),
    });
  });

  it("may be a point that differs in length from the description, or has an axis too many", () => {
    const point = { dtype: "float64", shape: [3], data: Float64Array.of(1, 2, 3) } as const;
    expect(decode(point, describeChannel("float64", [5]), 1)).toMatchObject({ shape: [1, 3] });
    const single = { dtype: "float64", shape: [1], data: Float64Array.of(1) } as const;
    expect(decode(single, describeChannel("float64"), 1)).toMatchObject({ shape: [1] });
  });

  it.each<[string, PickleInput, ChannelDescription, number]>([
    ["fewer values than points", { dtype: "uint8", shape: [2], data: new Uint8Array(2) }, describeChannel("uint8"), 3],
    ["a single value for several points", 1, describeChannel("float64"), 2],
    ["texts for numbers", "a", describeChannel("float64"), 1],
    ["numbers for texts", 1, describeChannel("string"), 1],
    ["texts among numbers", [1, "a"], describeChannel("float64"), 2],
    ["points of unequal length", [[1], [1, 2]], describeChannel("float64", [1]), 2],
    ["a dict", new Map(), describeChannel("float64"), 1],
    ["None", null, describeChannel("float64"), 1],
  ])("is refused when it has %s", (_, value, description, npoints) => {
    expect(() => decode(value, description, npoints)).toThrow(expect.objectContaining({ code: "PROTOCOL" }));
  });
});

it("refuses lists that are small only because they hold the same list many times", () => {
  let bomb: PickleInput[] = [1, 2];
  for (let level = 0; level < 60; level++) bomb = [bomb, bomb];
  expect(() => decodeChannelData(writePickle(bomb), describeChannel("float64"), 2)).toThrow(
    expect.objectContaining({ code: "PICKLE", reason: "limit" }),
  );
});

describe("the decoder of many entries", () => {
  it("reads entries of every kind one after the other into one array", () => {
    const decoder = new ChannelDataDecoder(describeChannel("float64"));
    const target = new Float64Array(12);
    const encoder = channelDataEncoder("float64", []);
    const entries: [Uint8Array, number][] = [
      [encoder.encode(Float64Array.of(0.5), 0, 1), 1],
      [encoder.encode(Float64Array.of(1.5), 0, 1), 1],
      [writePickle(pyFloat(2.5)), 1],
      [encoder.encode(Float64Array.of(3.5), 0, 1), 1],
      [writePickle(numpyScalar("int32", 4)), 1],
      [writePickle(numpyScalar("int32", 5)), 1],
      [encoder.encode(Float64Array.of(6, 7, 8), 0, 3), 3],
      [encoder.encode(Float64Array.of(9, 10, 11), 0, 3), 3],
    ];
    let offset = 0;
    for (const [bytes, npoints] of entries) offset += decoder.decodeInto(target, offset, bytes, npoints);
    expect(offset).toBe(12);
    expect(target).toEqual(Float64Array.of(0.5, 1.5, 2.5, 3.5, 4, 5, 6, 7, 8, 9, 10, 11));
  });

  it("does not take the bytes of other layouts for elements", () => {
    // Two big-endian arrays that differ in their elements only.
    const bigEndian = (value: number): Uint8Array => {
      const bytes = writePickle({ dtype: "int16", shape: [2], data: Int16Array.of(value, value + 1) });
      bytes[Buffer.from(bytes).indexOf("<")] = 0x3e;
      return bytes;
    };
    const decoder = new ChannelDataDecoder(describeChannel("int16"));
    const target = new Int16Array(4);
    decoder.decodeInto(target, 0, bigEndian(0x0100), 2);
    decoder.decodeInto(target, 2, bigEndian(0x0200), 2);
    expect(target).toEqual(Int16Array.of(0x0001, 0x0101, 0x0002, 0x0102));
  });

  it("copies long and short elements alike, into any part of a buffer", () => {
    const target = new Uint16Array(new ArrayBuffer(1000), 100, 200);
    const description = describeChannel("uint16", [50]);
    const decoder = new ChannelDataDecoder(description);
    const encoder = channelDataEncoder("uint16", [50]);
    for (const start of [1, 2, 3]) {
      const spectrum = Uint16Array.from({ length: 50 }, (_, index) => start * 1000 + index);
      decoder.decodeInto(target, start * 50, encoder.encode(spectrum, 0, 1), 1);
      expect(target.slice(start * 50, start * 50 + 50)).toEqual(spectrum);
    }
    expect(target.slice(0, 50)).toEqual(new Uint16Array(50));
  });

  it("reads texts", () => {
    const target = ["", "", ""];
    const decoder = new ChannelDataDecoder(describeChannel("string"));
    const encoder = channelDataEncoder("string", []);
    decoder.decodeInto(target, 0, encoder.encode(["ab"], 0, 1), 1);
    decoder.decodeInto(target, 1, encoder.encode(["c", "def"], 0, 2), 2);
    expect(target).toEqual(["ab", "c", "def"]);
  });

  it("refuses a target that is too short or of another type, and points of another size", () => {
    const decoder = new ChannelDataDecoder(describeChannel("float64"));
    const bytes = channelDataEncoder("float64", []).encode(Float64Array.of(1), 0, 1);
    expect(() => decoder.decodeInto(new Float64Array(1), 1, bytes, 1)).toThrow(
      expect.objectContaining({ code: "BAD_ARGUMENT" }),
    );
    expect(() => decoder.decodeInto(new Float32Array(1), 0, bytes, 1)).toThrow(
      expect.objectContaining({ code: "BAD_ARGUMENT", message: expect.stringContaining("Float64Array") }),
    );
    const spectrum = writePickle({ dtype: "float64", shape: [2], data: new Float64Array(2) });
    expect(() => decoder.decodeInto(new Float64Array(2), 0, spectrum, 1)).toThrow(
      expect.objectContaining({ code: "PROTOCOL" }),
    );
  });
});

function toStorage(data: TypedArray, value: number): number | bigint {
  return data instanceof BigInt64Array || data instanceof BigUint64Array ? BigInt(value) : value;
}
