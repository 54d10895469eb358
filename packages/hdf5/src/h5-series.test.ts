import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Dataset, File } from "h5wasm/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { H5File } from "./h5-file.js";
import { H5Series, type SeriesOptions } from "./h5-series.js";
import { hdf5Library } from "./hdf5-library.js";

let folder: string;
let file: H5File;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "beamtime-h5-"));
  file = new H5File(await hdf5Library(), join(folder, "data.h5"), "create");
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function series(options: Partial<SeriesOptions> = {}): H5Series {
  return new H5Series(file, "/x", { dtype: "float64", pointShape: [], npoints: 0, ...options });
}

/** What is in the file after it was closed. */
function stored(): { shape: number[] | null; value: unknown } {
  file.close();
  const reopened = new File(file.filename, "r");
  const dataset = reopened.get("/x");
  if (!(dataset instanceof Dataset)) throw new Error("there is no dataset /x");
  const { shape, value } = dataset;
  reopened.close();
  return { shape, value };
}

/** What the file holds while it is still being written. */
function flushedLength(): number | undefined {
  file.flush();
  const reader = new File(file.filename, "r");
  const dataset = reader.get("/x");
  const length = dataset instanceof Dataset ? dataset.shape?.[0] : undefined;
  reader.close();
  return length;
}

describe("H5Series", () => {
  it("grows with its points", () => {
    const x = series();
    x.append({ first: 0, npoints: 2, pointShape: [], data: Float64Array.of(1, 2) });
    x.append({ first: 2, npoints: 1, pointShape: [], data: Float64Array.of(3) });
    expect(x.length).toBe(3);
    expect(stored()).toMatchObject({ shape: [3], value: Float64Array.of(1, 2, 3) });
  });

  it("fills points that were left out with NaN", () => {
    const x = series({ dtype: "float32" });
    x.append({ first: 0, npoints: 1, pointShape: [], data: Float32Array.of(1) });
    x.append({ first: 3, npoints: 1, pointShape: [], data: Float32Array.of(4) });
    expect(stored().value).toEqual(Float32Array.of(1, Number.NaN, Number.NaN, 4));
  });

  it("fills short points with NaN, and the old points when a longer one comes", () => {
    const x = series({ pointShape: [2] });
    x.append({ first: 0, npoints: 1, pointShape: [2], data: Float64Array.of(1, 2) });
    x.append({ first: 1, npoints: 1, pointShape: [1], data: Float64Array.of(3) });
    x.append({ first: 2, npoints: 1, pointShape: [3], data: Float64Array.of(4, 5, 6) });
    const nan = Number.NaN;
    expect(stored()).toMatchObject({ shape: [3, 3], value: Float64Array.of(1, 2, nan, 3, nan, nan, 4, 5, 6) });
  });

  it("grows along both axes of images", () => {
    const x = series({ pointShape: [1, 1] });
    x.append({ first: 0, npoints: 1, pointShape: [1, 1], data: Float64Array.of(1) });
    x.append({ first: 1, npoints: 1, pointShape: [2, 2], data: Float64Array.of(2, 3, 4, 5) });
    const nan = Number.NaN;
    expect(stored()).toMatchObject({ shape: [2, 2, 2], value: Float64Array.of(1, nan, nan, nan, 2, 3, 4, 5) });
  });

  it("takes points without elements", () => {
    const x = series({ pointShape: [0] });
    x.append({ first: 0, npoints: 1, pointShape: [0], data: new Float64Array(0) });
    x.append({ first: 1, npoints: 1, pointShape: [1], data: Float64Array.of(7) });
    expect(stored()).toMatchObject({ shape: [2, 1], value: Float64Array.of(Number.NaN, 7) });
  });

  it.each([
    ["int64", BigInt64Array.of(-(2n ** 60n), 5n)],
    ["uint64", BigUint64Array.of(2n ** 63n, 5n)],
    ["int32", Int32Array.of(-1, 2)],
    ["uint32", Uint32Array.of(2 ** 31, 2)],
    ["int16", Int16Array.of(-1, 2)],
    ["uint16", Uint16Array.of(65535, 2)],
    ["int8", Int8Array.of(-1, 2)],
    ["uint8", Uint8Array.of(255, 2)],
    ["bool", Uint8Array.of(1, 0)],
    ["float32", Float32Array.of(0.5, -0)],
  ] as const)("keeps %s as it is, and fills a gap", (dtype, data) => {
    const x = series({ dtype });
    x.append({ first: 0, npoints: 2, pointShape: [], data });
    x.append({ first: 3, npoints: 2, pointShape: [], data });
    const { shape, value } = stored();
    expect(shape).toEqual([5]);
    expect(value).toBeInstanceOf(data.constructor);
    expect([...(value as Int8Array)].slice(3)).toEqual([...data]);
  });

  it("keeps texts of all alphabets", () => {
    const x = series({ dtype: "string" });
    x.append({ first: 0, npoints: 2, pointShape: [], data: ["Å", ""] });
    x.append({ first: 2, npoints: 1, pointShape: [], data: ["日本/\n"] });
    expect(stored()).toMatchObject({ shape: [3], value: ["Å", "", "日本/\n"] });
  });

  it("writes compressed points by whole chunks, and the rest when asked", () => {
    const x = series({ npoints: 400_000 });
    const chunk = 100_000;
    const points = (first: number, npoints: number) => {
      x.append({ first, npoints, pointShape: [], data: Float64Array.from({ length: npoints }, (_, i) => first + i) });
    };
    points(0, 99_999);
    expect(flushedLength()).toBe(0);
    points(99_999, 2);
    expect(flushedLength()).toBe(chunk);
    points(100_001, 250_000);
    expect(flushedLength()).toBe(3 * chunk);
    expect(x.length).toBe(350_001);
    x.writeHeld();
    expect(flushedLength()).toBe(350_001);
    points(350_001, 9);
    x.writeHeld();
    const { shape, value } = stored();
    expect(shape).toEqual([350_010]);
    expect((value as Float64Array).every((element, index) => element === index)).toBe(true);
  });

  it("keeps order when a gap follows points that were held back", () => {
    const x = series({ npoints: 400_000 });
    x.append({ first: 0, npoints: 1, pointShape: [], data: Float64Array.of(1) });
    x.append({ first: 2, npoints: 1, pointShape: [], data: Float64Array.of(3) });
    expect(x.length).toBe(3);
    x.writeHeld();
    expect(stored().value).toEqual(Float64Array.of(1, Number.NaN, 3));
  });
});
