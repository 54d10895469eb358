export type { ArrayData, DType, NdArray, TypedArray } from "./nd-array.js";
export { allocateData, sizeOfShape } from "./nd-array.js";
