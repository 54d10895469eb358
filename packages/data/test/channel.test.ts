import {
  allocateData,
  channelDataEncoder,
  channelEntryId,
  type DType,
  encodeChannelData,
  encodeDescription,
  pyFloat,
  sizeOfShape,
  writePickle,
} from "@beamtime/protocol";
import { describe, expect, it } from "vitest";
import { ChannelNode } from "../src/index.js";
import { redis, store, useStore, writer } from "./store-fixture.js";

useStore();

async function channelOf(dtype: DType, shape: readonly number[]): Promise<ChannelNode> {
  await writer.directory("s");
  await writer.channel("s:c", dtype, shape);
  await writer.tell("s:c");
  const node = await store.getNode("s:c");
  if (!(node instanceof ChannelNode)) throw new Error("no channel");
  return node;
}

/** Writes points `first` on, of which element i of the channel has the value i (mod 100). */
async function write(dtype: DType, shape: readonly number[], first: number, npoints: number): Promise<void> {
  const size = sizeOfShape(shape);
  const values = allocateData(dtype, npoints * size);
  for (let at = 0; at < values.length; at++) values[at] = elementOf(dtype, first * size + at) as never; // as the type wants
  const description = encodeDescription({ dtype, shape, unit: "mm", reference: false });
  await add(first, npoints, description, channelDataEncoder(dtype, shape).encode(values, 0, npoints));
}

async function add(first: number, npoints: number, description: Uint8Array, data: Uint8Array): Promise<void> {
  const fields = encodeChannelData(description, npoints, data);
  const args = fields.map((field) => (typeof field === "string" ? field : Buffer.from(field)));
  await redis.connection.client.xadd("s:c_data", channelEntryId(first), ...args);
}

function elementOf(dtype: DType, index: number): number | bigint | string {
  if (dtype === "string") return `t${index % 100}`;
  if (dtype === "bool") return index % 2;
  return dtype === "int64" || dtype === "uint64" ? BigInt(index % 100) : index % 100;
}

describe.each<[DType, number[]]>([
  ["float64", []],
  ["int64", []],
  ["bool", []],
  ["string", []],
  ["uint32", [4]],
  ["uint16", [2, 3]],
])("a channel of %s with points of shape %j", (dtype, shape) => {
  it("gives any range, as an array with its shape", async () => {
    const node = await channelOf(dtype, shape);
    const size = sizeOfShape(shape);
    let length = 0;
    for (const npoints of [1, 1, 3, 2, 1, 7, 1, 1, 4]) {
      await write(dtype, shape, length, npoints);
      length += npoints;
    }
    expect(await node.length()).toBe(length);
    expect(await node.description()).toMatchObject({ dtype, shape });
    for (let from = -3; from <= length; from++) {
      for (let to = from < 0 ? -3 : from - 1; to <= length; to += from < 0 ? 1 : 3) {
        if (from >= 0 && to < 0) continue;
        const begin = from < 0 ? length + from : from;
        const end = Math.min(length - 1, to < 0 ? length + to : to);
        const npoints = Math.max(0, end - begin + 1);
        const values = await node.get(from, to);
        expect([values.dtype, values.shape]).toEqual([dtype, [npoints, ...shape]]);
        expect(Array.from<unknown>(values.data)).toEqual(
          Array.from({ length: npoints * size }, (_, at) => elementOf(dtype, begin * size + at)),
        );
        if (npoints > 0) expect(values.first).toBe(begin);
      }
    }
    expect((await node.get(0, -1)).data.constructor).toBe(allocateData(dtype, 0).constructor);
  });
});

describe("a channel", () => {
  it("is empty before its first point", async () => {
    const node = await channelOf("uint16", [8]);
    expect(await node.length()).toBe(0);
    expect(await node.get(-1)).toBeUndefined();
    expect(await node.get(0, -1)).toEqual({ dtype: "uint16", shape: [0, 8], data: new Uint16Array(0), first: 0 });
  });

  it("gives single values as numbers, texts and booleans, large integers as bigint", async () => {
    const node = await channelOf("int64", []);
    await add(0, 1, encodeDescription({ dtype: "int64", shape: [], unit: null, reference: false }), writePickle(5));
    const large = channelDataEncoder("int64", []).encode(BigInt64Array.of(2n ** 60n), 0, 1);
    await add(1, 1, encodeDescription({ dtype: "int64", shape: [], unit: null, reference: false }), large);
    await add(2, 1, encodeDescription({ dtype: "bool", shape: [], unit: null, reference: false }), writePickle(true));
    await add(3, 1, encodeDescription({ dtype: "string", shape: [], unit: null, reference: false }), writePickle("µm"));
    await add(
      4,
      1,
      encodeDescription({ dtype: "float64", shape: [], unit: null, reference: false }),
      writePickle(pyFloat(2)),
    );
    expect(await Promise.all([0, 1, 2, 3, 4, -1, 5].map((index) => node.get(index)))).toEqual([
      ...[5, 2n ** 60n, true, "µm", 2, 2, undefined],
    ]);
    await expect(node.get(0, -1)).rejects.toThrow("change their type or shape");
  });

  it("joins entries that describe themselves in other words", async () => {
    const node = await channelOf("float64", []);
    for (const [first, dtypeForm] of (["python", "numpy", "python"] as const).entries()) {
      await add(
        first,
        1,
        encodeDescription({ dtype: "float64", shape: [], unit: null, reference: false, dtypeForm }),
        channelDataEncoder("float64", []).encode(Float64Array.of(first), 0, 1),
      );
    }
    expect((await node.get(0, -1)).data).toEqual(Float64Array.of(0, 1, 2));
  });

  it("fills spectra that differ in length with NaN, as Python does", async () => {
    const node = await channelOf("float64", [-1]);
    const description = encodeDescription({ dtype: "float64", shape: [-1], unit: null, reference: false });
    for (const [first, length] of [3, 3, 1, 2].entries()) {
      const data = channelDataEncoder("float64", [length]).encode(new Float64Array(length).fill(first), 0, 1);
      await add(first, 1, description, data);
    }
    const nan = Number.NaN;
    const { data, shape } = await node.get(0, -1);
    expect(shape).toEqual([4, 3]);
    expect(data).toEqual(Float64Array.of(0, 0, 0, 1, 1, 1, 2, nan, nan, 3, 3, nan));
    expect(await node.get(2)).toEqual({ dtype: "float64", shape: [1], data: Float64Array.of(2) });
  });

  it("gives what is left of a trimmed channel, and refuses ranges that are lost", async () => {
    const node = await channelOf("float64", []);
    for (let first = 0; first < 20; first += 2) await write("float64", [], first, 2);
    await redis.connection.client.xtrim("s:c_data", "MAXLEN", "=", 4);
    expect(await node.length()).toBe(20);
    const whole = await node.get(0, -1);
    expect([whole.first, whole.data]).toEqual([12, Float64Array.from({ length: 8 }, (_, index) => 12 + index)]);
    await expect(node.get(5, -1)).rejects.toMatchObject({ code: "DATA_GAP", from: 5, to: 11 });
    await expect(node.get(0, 3)).rejects.toMatchObject({ code: "DATA_GAP", from: 0, to: 3 });
    expect(await node.get(11)).toBeUndefined();
    expect(await node.get(13)).toBe(13);
    expect((await node.get(13, 14)).data).toEqual(Float64Array.of(13, 14));
  });

  it("refuses a range with points that were lost in the middle", async () => {
    const node = await channelOf("float64", []);
    await write("float64", [], 0, 2);
    await write("float64", [], 5, 2);
    await expect(node.get(0, -1)).rejects.toMatchObject({ code: "DATA_GAP", from: 2, to: 4 });
    expect((await node.get(5, -1)).data).toEqual(Float64Array.of(5, 6));
  });

  it("is read whole where it is longer than a page", async () => {
    const node = await channelOf("float64", []);
    for (let first = 0; first < 5000; first++) void write("float64", [], first, 1);
    await write("float64", [], 5000, 1);
    const { data } = await node.get(0, -1);
    expect(data).toEqual(Float64Array.from({ length: 5001 }, (_, index) => index % 100));
  });

  it("is read whole where its entries become longer, shorter and longer again", async () => {
    const node = await channelOf("float64", []);
    let length = 0;
    const writing: Promise<void>[] = [];
    for (const [entries, npoints] of [
      [40, 1],
      [5, 700],
      [2500, 1],
      [60, 90],
      [1200, 2],
    ] as const) {
      for (let entry = 0; entry < entries; entry++, length += npoints)
        writing.push(write("float64", [], length, npoints));
    }
    await Promise.all(writing);
    expect((await node.get(0, -1)).data).toEqual(Float64Array.from({ length }, (_, index) => index % 100));
    for (const [from, to] of [
      [39, 3600],
      [41, 6100],
      [3540, 3541],
      [length - 2500, length - 2],
    ] as const) {
      const { data, first } = await node.get(from, to);
      expect([first, data.length]).toEqual([from, to - from + 1]);
      expect(data).toEqual(Float64Array.from({ length: to - from + 1 }, (_, index) => (from + index) % 100));
    }
  });

  it("is not searched point by point where ids are far apart", async () => {
    const node = await channelOf("float64", []);
    const far = 2 ** 40;
    for (let entry = 0; entry < 40; entry++) await write("float64", [], entry < 20 ? entry : far + entry * far, 1);
    await expect(node.get(0, -1)).rejects.toMatchObject({ code: "DATA_GAP", from: 20, to: 21 * far - 1 });
    expect((await node.get(30 * far + 30, -1).catch((error: unknown) => error)) as object).toMatchObject({
      code: "DATA_GAP",
    });
  });

  it("stops reading when it is told to", async () => {
    const node = await channelOf("float64", []);
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(node.get(0, -1, { signal })).rejects.toThrow("enough");
    await expect(node.get(-1, { signal })).rejects.toThrow("enough");
    await expect(node.length({ signal })).rejects.toThrow("enough");
    await expect(node.info({ signal })).rejects.toThrow("enough");
  });
});
