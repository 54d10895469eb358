import { ArgumentError } from "@beamtime/errors";
import { copyPooled } from "./byte-pool.js";
import { type ArrayData, allocateData, type DType, type NdArray, sizeOfShape, type TypedArray } from "./nd-array.js";
import { arrayBytes, isTextData } from "./numpy-array.js";
import { NumpyScalar } from "./numpy-scalar.js";
import { PickleWriter, writePickle } from "./pickle-writer.js";

/** Makes the values of one channel ready for its stream. */
export interface ChannelDataEncoder {
  /**
   * Bytes of `__DATA__` for `npoints` points, the first of which begins at element `offset` of `data`. One scalar point
   * becomes a NumPy scalar, one point of rank 1 or 2 an array of its shape, several points an array with one dimension
   * more. The bytes are the caller's, to keep and to change; small ones are parts of a larger buffer, which must not be
   * transferred to another thread.
   *
   * @throws ArgumentError when `data` is not storage of the channel's type or is too short
   */
  encode(data: ArrayData, offset: number, npoints: number): Uint8Array;
}

/**
 * Makes the encoder of a channel whose points have this type and shape.
 *
 * Pickles of one type and shape differ only in the bytes of their elements: the first of its kind is made by the pickle
 * writer, the next ones are copies with other elements.
 *
 * @param options.reference the values are references: plain Python texts, as a list when there are several points
 */
export function channelDataEncoder(
  dtype: DType,
  shape: readonly number[],
  options: { readonly reference?: boolean } = {},
): ChannelDataEncoder {
  if (dtype === "string") return new TextEncoderOfChannel(shape, options.reference ?? false);
  return new NumberEncoder(dtype, shape);
}

class NumberEncoder implements ChannelDataEncoder {
  readonly #dtype: DType;
  readonly #shape: readonly number[];
  readonly #size: number;
  /** Storage of one element and its bytes: the way of a single value into the template. */
  readonly #element: TypedArray;
  readonly #elementBytes: Uint8Array;
  #template: Uint8Array = new Uint8Array(0);
  #templatePoints = -1;
  #elementsAt = 0;

  constructor(dtype: Exclude<DType, "string">, shape: readonly number[]) {
    this.#dtype = dtype;
    this.#shape = shape;
    this.#size = sizeOfShape(shape);
    // Only the type excluded above is not kept in a typed array.
    this.#element = allocateData(dtype, 1) as TypedArray;
    this.#elementBytes = arrayBytes(this.#element);
  }

  encode(data: ArrayData, offset: number, npoints: number): Uint8Array {
    if (isTextData(data) || data.constructor !== this.#element.constructor) throw wrongStorage(this.#dtype, data);
    const length = npoints * this.#size;
    checkRange(data, offset, length);
    if (npoints !== this.#templatePoints) this.#makeTemplate(data.subarray(offset, offset + length), npoints);
    const bytes = copyPooled(this.#template);
    if (length === 1) {
      // Both have the type of the channel, checked above.
      this.#element[0] = data[offset] as never;
      const from = this.#elementBytes;
      for (let at = 0; at < from.length; at++) bytes[this.#elementsAt + at] = from[at] ?? 0;
    } else {
      bytes.set(arrayBytes(data.subarray(offset, offset + length)), this.#elementsAt);
    }
    return bytes;
  }

  #makeTemplate(data: TypedArray, npoints: number): void {
    const [first] = data;
    const isScalar = npoints === 1 && this.#shape.length === 0 && first !== undefined;
    const value = isScalar ? new NumpyScalar(this.#dtype, first) : blockOf(this.#dtype, this.#shape, data, npoints);
    const { bytes, elementsAt } = new PickleWriter().write(value);
    this.#template = bytes;
    this.#elementsAt = elementsAt;
    this.#templatePoints = npoints;
  }
}

class TextEncoderOfChannel implements ChannelDataEncoder {
  readonly #shape: readonly number[];
  readonly #size: number;
  readonly #reference: boolean;

  constructor(shape: readonly number[], reference: boolean) {
    this.#shape = shape;
    this.#size = sizeOfShape(shape);
    this.#reference = reference;
  }

  encode(data: ArrayData, offset: number, npoints: number): Uint8Array {
    if (!isTextData(data)) throw wrongStorage("string", data);
    const length = npoints * this.#size;
    checkRange(data, offset, length);
    const texts = data.slice(offset, offset + length);
    const [first = ""] = texts;
    const isScalar = npoints === 1 && this.#shape.length === 0;
    if (this.#reference) return writePickle(isScalar ? first : texts);
    return writePickle(isScalar ? new NumpyScalar("string", first) : blockOf("string", this.#shape, texts, npoints));
  }
}

/** One point has the shape of a point; several have one dimension more. */
function blockOf(dtype: DType, pointShape: readonly number[], data: ArrayData, npoints: number): NdArray {
  return { dtype, shape: npoints === 1 ? pointShape : [npoints, ...pointShape], data };
}

function checkRange(data: ArrayData, offset: number, length: number): void {
  if (offset >= 0 && length >= 0 && offset + length <= data.length) return;
  throw new ArgumentError("data", `it has ${data.length} elements, ${length} from ${offset} on are to be encoded`);
}

function wrongStorage(dtype: DType, data: ArrayData): ArgumentError {
  const expected = allocateData(dtype, 0).constructor.name;
  return new ArgumentError("data", `a channel of ${dtype} takes a ${expected}, a ${data.constructor.name} was given`);
}
