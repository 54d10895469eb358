import { ArgumentError } from "@beamtime/errors";
import type { DType, NdArray } from "@beamtime/protocol";
import { describe, expect, it } from "vitest";
import { AcquisitionChannel, type ChannelBlock } from "./acquisition-channel.js";
import type { Emission } from "./emission.js";

function emitted(dtype: DType, shape: readonly number[], ...values: Emission[]): ChannelBlock[] {
  const channel = new AcquisitionChannel("card:c", dtype, shape);
  const blocks: ChannelBlock[] = [];
  channel.onData((block) => blocks.push(block));
  for (const value of values) channel.emit(value);
  return blocks;
}

describe("a channel's name", () => {
  it("is known by its last part, or by its alias", () => {
    expect(new AcquisitionChannel("axis:roby", "float64").shortName).toBe("roby");
    expect(new AcquisitionChannel("lima:roi1:sum", "float64").shortName).toBe("sum");
    expect(new AcquisitionChannel("axis:roby", "float64", [], { alias: "y" }).shortName).toBe("y");
    expect(() => new AcquisitionChannel("", "float64")).toThrow(ArgumentError);
  });
});

describe("a scalar channel", () => {
  it.each([
    ["float64", 1.5, new Float64Array([1.5])],
    ["float32", 0.1, new Float32Array([0.1])],
    ["int32", 3.9, new Int32Array([3])],
    ["uint8", 300, new Uint8Array([44])],
    ["int64", -7, new BigInt64Array([-7n])],
    ["uint64", 2n ** 63n, new BigUint64Array([2n ** 63n])],
    ["float64", 12n, new Float64Array([12])],
    ["bool", true, new Uint8Array([1])],
    ["bool", 0.5, new Uint8Array([1])],
    ["int16", true, new Int16Array([1])],
    ["string", "frame_0001.edf", ["frame_0001.edf"]],
  ] as const)("%s takes %s as one point", (dtype, value, data) => {
    expect(emitted(dtype, [], value)).toMatchObject([{ first: 0, npoints: 1, pointShape: [], data }]);
  });

  it.each([
    ["float64", [1, 2, 3], new Float64Array([1, 2, 3])],
    ["float64", new Float32Array([1, 2]), new Float64Array([1, 2])],
    ["int64", new Int32Array([1, -2]), new BigInt64Array([1n, -2n])],
    ["float64", new BigInt64Array([5n]), new Float64Array([5])],
    ["bool", new Float64Array([0, 2]), new Uint8Array([0, 1])],
    ["string", ["a", "b"], ["a", "b"]],
    ["float64", { dtype: "float64", shape: [2], data: new Float64Array([1, 2]) }, new Float64Array([1, 2])],
  ] as const)("%s takes an array as a block of points", (dtype, value, data) => {
    expect(emitted(dtype, [], value)).toMatchObject([{ npoints: data.length, pointShape: [], data }]);
  });

  it("passes an array of its own type on without a copy", () => {
    const data = new Float64Array([1, 2]);
    expect(emitted("float64", [], data)[0]?.data).toBe(data);
  });

  it("numbers its points across emissions, and ignores empty ones", () => {
    const blocks = emitted("float64", [], 1, [], [2, 3], new Float64Array(0), 4);
    expect(blocks.map(({ first, npoints }) => [first, npoints])).toEqual([
      [0, 1],
      [1, 2],
      [3, 1],
    ]);
  });

  it.each([
    ["float64", "text", "takes float64, but was given the text 'text'"],
    ["string", 5, "takes texts, but was given the number 5"],
    ["string", new Float64Array([1]), "takes texts, but was given numbers"],
    ["int64", Number.NaN, "takes int64, but was given NaN"],
    ["float64", { dtype: "float64", shape: [1, 2], data: new Float64Array(2) }, "array of shape [1, 2]"],
    ["float64", { dtype: "float64", shape: [3], data: new Float64Array(2) }, "2 elements as an array of shape [3]"],
  ] as const)("%s refuses %s", (dtype, value, message) => {
    expect(() => emitted(dtype, [], value)).toThrow(ArgumentError);
    expect(() => emitted(dtype, [], value)).toThrow(message);
  });
});

describe("a channel of arrays", () => {
  const block = (shape: readonly number[]): NdArray => ({
    dtype: "uint16",
    shape,
    data: new Uint16Array(shape.reduce((size, length) => size * length, 1)),
  });

  it("takes one point, flat or shaped", () => {
    expect(emitted("uint32", [3], [1, 2, 3])).toMatchObject([
      { npoints: 1, pointShape: [3], data: new Uint32Array([1, 2, 3]) },
    ]);
    expect(emitted("uint16", [2, 4], block([2, 4]))).toMatchObject([{ npoints: 1, pointShape: [2, 4] }]);
  });

  it("takes a block of points, of one rank more", () => {
    expect(emitted("uint16", [4], block([5, 4]))).toMatchObject([{ npoints: 5, pointShape: [4] }]);
    expect(emitted("uint16", [2, 4], block([3, 2, 4]))).toMatchObject([{ npoints: 3, pointShape: [2, 4] }]);
  });

  it("takes points of any length where its own is 0", () => {
    expect(emitted("uint16", [0], block([7]), block([2, 3]))).toMatchObject([
      { first: 0, npoints: 1, pointShape: [7] },
      { first: 1, npoints: 2, pointShape: [3] },
    ]);
  });

  it.each([[1], [[1, 2]], [block([3, 5])], [block([1, 1, 4])], ["text"]] as const)("refuses %j", (value) => {
    expect(() => emitted("uint16", [4], value)).toThrow(ArgumentError);
  });
});

describe("listeners", () => {
  it("are called in order until they leave, also from within a call", () => {
    const channel = new AcquisitionChannel("card:c", "float64");
    const calls: string[] = [];
    const leave = channel.onData(() => {
      calls.push("one");
      leave();
    });
    channel.onData(() => calls.push("two"));
    channel.emit(1);
    channel.emit(2);
    expect(calls).toEqual(["one", "two", "two"]);
  });

  it("fail the emitter", () => {
    const channel = new AcquisitionChannel("card:c", "float64");
    channel.onData(() => {
      throw new Error("cannot take it");
    });
    expect(() => channel.emit(1)).toThrow("cannot take it");
  });
});

describe("an attached channel", () => {
  it("repeats its last point with each point of the other", () => {
    const [upper, lower] = [
      new AcquisitionChannel("axis:slow", "float64"),
      new AcquisitionChannel("axis:fast", "float64"),
    ];
    const values: number[] = [];
    upper.onData(({ data, first }) => values.push(first, Number(data[0])));
    const detach = upper.attachTo(lower);
    upper.emit(5);
    lower.emit([0, 1]);
    upper.emit(6);
    lower.emit(0);
    expect(values).toEqual([0, 5, 1, 5, 2, 6]);
    detach();
    upper.emit(7);
    expect(upper.npoints).toBe(4);
  });

  it("cannot be attached twice, emit blocks, or come after the other", () => {
    const [upper, lower] = [
      new AcquisitionChannel("axis:slow", "float64"),
      new AcquisitionChannel("axis:fast", "float64"),
    ];
    upper.attachTo(lower);
    expect(() => upper.attachTo(lower)).toThrow("attached already");
    expect(() => lower.emit(1)).toThrow("'axis:fast' emitted before 'axis:slow'");
    expect(() => upper.emit([1, 2])).toThrow("one point at a time");
  });
});
