import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { chunking } from "./chunk-shape.js";

interface ChunkingCase {
  readonly scan_shape: number[];
  readonly detector_shape: number[];
  readonly dtype: string;
  readonly chunks: number[];
  readonly compression: string | null;
}

const { chunking: cases } = JSON.parse(
  readFileSync(new URL("../../../tooling/vectors/hdf5-cases.json", import.meta.url), "utf8"),
) as { chunking: ChunkingCase[] };

it.each(cases)("cuts $scan_shape points of $detector_shape $dtype as BLISS does", (item) => {
  const itemSize = Number(item.dtype.slice(1));
  expect(chunking([...item.scan_shape, ...item.detector_shape], itemSize)).toEqual({
    chunks: item.chunks,
    compressed: item.compression !== null,
  });
});
