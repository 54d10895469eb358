import { ArgumentError } from "@beamtime/errors";
import { type ArrayData, type DType, type NdArray, sizeOfShape } from "./nd-array.js";
import { arrayBytes, isTextData } from "./numpy-array.js";
import { NumpyScalar } from "./numpy-scalar.js";
import { type PickleInput, PickleWriter, writePickle } from "./pickle-writer.js";

/** Makes the values of one channel ready for its stream. */
export interface ChannelDataEncoder {
  /**
   * Bytes of `__DATA__` for `npoints` points, the first of which begins at element `offset` of `data`. One scalar point
   * is a NumPy scalar, one point of rank 1 or 2 an array of its shape, several points an array with one dimension more.
   * The bytes are the caller's.
   */
  encode(data: ArrayData, offset: number, npoints: number): Uint8Array;
}

/**
 * Makes the encoder of a channel whose points have this type and shape.
 *
 * All pickles of one type and shape differ only in the bytes of their elements: the first of its kind is made by the
 * pickle writer, the next ones are copies with other elements.
 *
 * @param options.reference the values are references: plain Python texts (a list when there are several)
 */
export function channelDataEncoder(
  dtype: DType,
  shape: readonly number[],
  options: { readonly reference?: boolean } = {},
): ChannelDataEncoder {
  return dtype === "string"
    ? new TextEncoderOfChannel(shape, options.reference ?? false)
    : new NumberEncoder(dtype, shape);
}

class NumberEncoder implements ChannelDataEncoder {
  readonly #dtype: DType;
  readonly #shape: readonly number[];
  readonly #size: number;
  #template: Uint8Array = new Uint8Array(0);
  #templatePoints = -1;
  #elementsAt = 0;

  constructor(dtype: DType, shape: readonly number[]) {
    this.#dtype = dtype;
    this.#shape = shape;
    this.#size = sizeOfShape(shape);
  }

  encode(data: ArrayData, offset: number, npoints: number): Uint8Array {
    if (isTextData(data)) throw new ArgumentError("data", `texts given for a channel of ${this.#dtype}`);
    const length = npoints * this.#size;
    if (offset + length > data.length) {
      throw new ArgumentError("npoints", `${npoints} points from ${offset} on, but ${data.length} elements given`);
    }
    const whole = arrayBytes(data);
    const from = offset * data.BYTES_PER_ELEMENT;
    if (npoints !== this.#templatePoints) this.#makeTemplate(data.subarray(offset, offset + length), npoints);
    const bytes = this.#template.slice();
    bytes.set(whole.subarray(from, from + length * data.BYTES_PER_ELEMENT), this.#elementsAt);
    return bytes;
  }

  #makeTemplate(data: ArrayData, npoints: number): void {
    const [first] = data;
    const value: PickleInput =
      npoints === 1 && this.#shape.length === 0 && first !== undefined
        ? new NumpyScalar(this.#dtype, first)
        : blockOf(this.#dtype, this.#shape, data, npoints);
    const { bytes, elements } = new PickleWriter().write(value);
    this.#template = bytes;
    this.#elementsAt = elements.start;
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
    if (!isTextData(data)) throw new ArgumentError("data", "numbers given for a channel of texts");
    const texts = data.slice(offset, offset + npoints * this.#size);
    if (texts.length < npoints * this.#size) {
      throw new ArgumentError("npoints", `${npoints} points from ${offset} on, but ${data.length} elements given`);
    }
    const [first = ""] = texts;
    const single = npoints === 1 && this.#shape.length === 0;
    if (this.#reference) return writePickle(single ? first : texts);
    return writePickle(single ? new NumpyScalar("string", first) : blockOf("string", this.#shape, texts, npoints));
  }
}

/** One point has the shape of a point; several have one dimension more. */
function blockOf(dtype: DType, pointShape: readonly number[], data: ArrayData, npoints: number): NdArray {
  return { dtype, shape: npoints === 1 ? pointShape : [npoints, ...pointShape], data };
}
