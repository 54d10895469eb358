import type { AcquisitionObject } from "./acquisition-object.js";

/** Something that makes its acquisition object when it is put into a chain, and brings the nodes below it along. */
export interface ChainNode {
  /** Made on demand, the same one each time. */
  readonly acquisitionObject: AcquisitionObject;
  readonly children: readonly ChainNode[];
}
