import { allocateData, type DType, type TypedArray } from "@beamtime/protocol";

/** Numbers of one type, appended block by block: room doubles when it is used up. */
export class NumberBuffer {
  #data: TypedArray;
  #length = 0;

  /** @param capacity elements that there is room for at first */
  constructor(dtype: Exclude<DType, "string">, capacity: number) {
    // only texts are not kept in a typed array
    this.#data = allocateData(dtype, capacity) as TypedArray;
  }

  get length(): number {
    return this.#length;
  }

  append(data: TypedArray): void {
    const length = this.#length + data.length;
    if (length > this.#data.length) {
      const Constructor = this.#data.constructor as new (length: number) => TypedArray; // of all typed arrays
      const roomier = new Constructor(Math.max(length, 2 * this.#data.length));
      copy(this.#data.subarray(0, this.#length), roomier, 0);
      this.#data = roomier;
    }
    copy(data, this.#data, this.#length);
    this.#length = length;
  }

  /** What was appended; not a copy: the next append after `clear` overwrites it. */
  contents(): TypedArray {
    return this.#data.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }
}

function copy(from: TypedArray, to: TypedArray, offset: number): void {
  // both are arrays of bigints or both of numbers: they come from channels of the same type
  (to as Float64Array).set(from as Float64Array, offset);
}
