import { castArray, storeNumbers } from "./array-cast.js";
import { type ArrayData, type DType, type NdArray, sizeOfShape } from "./nd-array.js";
import { isNdArray } from "./numpy-array.js";
import { NumpyScalar } from "./numpy-scalar.js";
import { PickleError } from "./pickle-error.js";
import { type PickleValue, PyFloat, PyTuple } from "./pickle-value.js";
import { ProtocolError } from "./protocol-error.js";

type Leaf = number | bigint | boolean | string;

/**
 * A value of a stream entry as `npoints` points of type `dtype`: a NumPy scalar or array, a Python number or text, or
 * lists of them. The first axis counts the points, also when the writer left it out because there is one.
 *
 * `rank` is the number of axes of one point. A list makes at most `maxSize` elements: lists may hold the same list many
 * times, so that few bytes could stand for any number.
 *
 * @throws PickleError when a list makes more
 * @throws ProtocolError when the value does not make `npoints` points, or mixes texts and numbers
 */
export function pointsOf(
  value: PickleValue,
  { dtype, rank, npoints, maxSize }: { dtype: DType; rank: number; npoints: number; maxSize: number },
): NdArray {
  const array = arrayOf(value, dtype, maxSize);
  const { shape } = array;
  const hasPointAxis = shape[0] === npoints && (npoints !== 1 || shape.length === rank + 1);
  if (!hasPointAxis && npoints !== 1) {
    throw new ProtocolError(`an entry of ${npoints} points of rank ${rank} has values of shape (${shape.join()})`);
  }
  return { dtype, shape: hasPointAxis ? shape : [1, ...shape], data: castArray(array.data, array.dtype, dtype) };
}

/** An array with the type it has; Python's own values get the type of the channel. */
function arrayOf(value: PickleValue, dtype: DType, maxSize: number): NdArray {
  if (value instanceof NumpyScalar)
    return { dtype: value.dtype, shape: [], data: storageOf([value.value], value.dtype) };
  if (typeof value === "object" && value !== null && isNdArray(value)) return value;
  const shape: number[] = [];
  for (let items = itemsOf(value); items; items = items[0] === undefined ? undefined : itemsOf(items[0])) {
    shape.push(items.length);
  }
  if (sizeOfShape(shape) > maxSize) throw new PickleError("limit", "a list holds the same lists again and again");
  const leaves: Leaf[] = [];
  collectLeaves(value, shape, 0, leaves);
  return { dtype, shape, data: storageOf(leaves, dtype) };
}

function itemsOf(value: PickleValue): readonly PickleValue[] | undefined {
  if (value instanceof PyTuple) return value.items;
  return Array.isArray(value) ? value : undefined;
}

function collectLeaves(value: PickleValue, shape: readonly number[], axis: number, leaves: Leaf[]): void {
  if (axis < shape.length) {
    const items = itemsOf(value);
    if (items?.length !== shape[axis]) throw new ProtocolError("the points of a list differ in length");
    for (const item of items ?? []) collectLeaves(item, shape, axis + 1, leaves);
    return;
  }
  const leaf = value instanceof PyFloat || value instanceof NumpyScalar ? value.value : value;
  if (typeof leaf === "object") throw new ProtocolError("the values of a channel are neither numbers nor texts");
  leaves.push(leaf);
}

function storageOf(leaves: readonly Leaf[], dtype: DType): ArrayData {
  const texts = leaves.filter((leaf) => typeof leaf === "string");
  if (texts.length === 0)
    return storeNumbers(
      leaves.filter((leaf) => typeof leaf !== "string"),
      dtype,
    );
  if (texts.length < leaves.length) throw new ProtocolError("the values of a channel are numbers and texts");
  return castArray(texts, "string", dtype);
}
