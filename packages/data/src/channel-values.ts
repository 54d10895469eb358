import { allocateData, type NdArray, ProtocolError, sizeOfShape } from "@beamtime/protocol";
import type { ChannelPart } from "./channel-blocks.js";
import { DataGapError } from "./data-gap-error.js";
import type { ValuesPart } from "./growing-block.js";

/** Points of a channel: shape `[points, ...point]`, row-major. */
export interface ChannelValues extends NdArray {
  /** Index of the first point, in the scan. */
  readonly first: number;
}

/** One point: a number or text of a 0-D channel (`bigint` beyond 2^53 - 1), an array of the others. */
export type ChannelPoint = number | bigint | string | boolean | NdArray;

/** Which points were asked for, and what there is. */
export interface ChannelRange {
  readonly dbName: string;
  readonly from: number;
  readonly to: number;
  readonly parts: readonly ChannelPart[];
}

/**
 * One array of the points asked for; undefined without any.
 *
 * @param acceptTail where the head was trimmed, take what is left
 * @throws DataGapError when points are lost
 * @throws ProtocolError or PickleError when an entry cannot be decoded, or points differ in type
 */
export function joinValues(range: ChannelRange, acceptTail: boolean): ChannelValues | undefined {
  const blocks: ValuesPart[] = [];
  for (const [position, part] of range.parts.entries()) {
    if (part.kind === "values") blocks.push(clip(part, range));
    else if (part.kind === "unreadable") throw part.error;
    else if (position > 0 || !acceptTail) throw new DataGapError(range.dbName, part.from, Math.min(part.to, range.to));
  }
  const [first, ...others] = blocks;
  if (!first) return undefined;
  const { dtype, shape, data } = others.length === 0 ? first.data : joinUnequal(blocks, range.dbName);
  return { dtype, shape, data, first: first.first };
}

/** The point `index` (-1: the last) of the part that holds it. @throws what made it unreadable */
export function pointOf(part: ChannelPart, index: number): ChannelPoint | undefined {
  if (part.kind === "unreadable") throw part.error;
  if (part.kind === "gap") return undefined;
  const { shape, dtype, data } = part.data;
  const row = index < 0 ? part.npoints - 1 : index - part.first;
  const pointShape = shape.slice(1);
  const size = sizeOfShape(pointShape);
  if (pointShape.length > 0) return { dtype, shape: pointShape, data: data.slice(row * size, (row + 1) * size) };
  const value = data[row];
  if (dtype === "bool") return value === 1;
  return typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** Cuts what lies before and after the range; no copy. */
function clip(part: ValuesPart, { from, to }: ChannelRange): ValuesPart {
  const first = Math.max(part.first, from);
  const npoints = Math.min(part.first + part.npoints, to + 1) - first;
  if (npoints === part.npoints) return part;
  const { shape, dtype, data } = part.data;
  const size = sizeOfShape(shape.slice(1));
  const [begin, end] = [(first - part.first) * size, (first - part.first + npoints) * size];
  const cut = ArrayBuffer.isView(data) ? data.subarray(begin, end) : data.slice(begin, end);
  return { ...part, first, npoints, data: { dtype, shape: [npoints, ...shape.slice(1)], data: cut } };
}

/** Spectra that differ in length, each filled up with NaN to the longest, as the Python client does. */
function joinUnequal(blocks: readonly ValuesPart[], dbName: string): NdArray {
  const dtype = blocks[0]?.data.dtype ?? "float64";
  const isJoinable = blocks.every(({ data }) => data.dtype === dtype && data.shape.length === 2);
  if (!isJoinable || !dtype.startsWith("float")) {
    throw new ProtocolError(
      `the points of channel '${dbName}' change their type or shape: read them one by one, or by 'walkEvents'`,
    );
  }
  const width = Math.max(...blocks.map(({ data }) => data.shape[1] ?? 0));
  const npoints = blocks.reduce((sum, block) => sum + block.npoints, 0);
  // The dtype is one of the floats, checked above.
  const joined = (allocateData(dtype, npoints * width) as Float64Array).fill(Number.NaN);
  let row = 0;
  for (const block of blocks) {
    const length = block.data.shape[1] ?? 0;
    for (let point = 0; point < block.npoints; point++, row++) {
      // Same type as `joined`, checked above.
      joined.set((block.data.data as Float64Array).subarray(point * length, (point + 1) * length), row * width);
    }
  }
  return { dtype, shape: [npoints, width], data: joined };
}
