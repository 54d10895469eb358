import { sizeOfShape } from "@beamtime/protocol";

/** Size that a chunk may have, and that data may have without being compressed. */
const chunkBytes = 2 ** 20;
/** Stands for the length of a scan, or of a detector, that is not known beforehand. */
const unknownLength = 512;
/** No axis is cut in more than this many chunks at a time. */
const splits = 4;

export interface Chunking {
  readonly chunks: readonly number[];
  /** Whether the expected data is so big that it is worth compressing. */
  readonly compressed: boolean;
}

/**
 * How a dataset is cut in chunks: one chunk of the expected shape when that is at most 1 MiB, else at least a quarter
 * of each axis, innermost first, as far as 1 MiB reaches.
 *
 * @param shape expected shape, scan axes first; 0 where the length is unknown
 * @param itemSize bytes of an element
 */
export function chunking(shape: readonly number[], itemSize: number): Chunking {
  const expected = shape.map((length) => (length > 0 ? length : unknownLength));
  if (sizeOfShape(expected) * itemSize <= chunkBytes) return { chunks: expected, compressed: false };
  const chunks = [...expected];
  let room = chunkBytes / itemSize;
  for (let axis = expected.length - 1; axis >= 0; axis--) {
    const length = expected[axis] ?? 1;
    const chunk = Math.max(1, Math.min(Math.ceil(length / splits), Math.ceil(room)));
    chunks[axis] = chunk;
    room /= chunk;
  }
  return { chunks, compressed: true };
}
