export { BeaconError } from "@beamtime/beacon-client";
export type { ArrayData, ChannelDescription, DType, NdArray, PlainValue } from "@beamtime/protocol";
export type { ChannelInfo } from "./channel-info.js";
export type { ChannelPoint, ChannelValues } from "./channel-values.js";
export { type ConnectOptions, connect } from "./connect.js";
export { DataGapError } from "./data-gap-error.js";
export {
  ChannelNode,
  ContainerNode,
  DataNode,
  type Info,
  LimaNode,
  type NodeFilter,
  NodeRefChannelNode,
  type ReadOptions,
  ScanGroupNode,
  ScanNode,
  type WalkEvent,
  type WalkOptions,
} from "./data-node.js";
export { DataStore } from "./data-store.js";
export { NodeGoneError } from "./node-gone-error.js";
export { StoreClosedError } from "./store-closed-error.js";
export type { Walk } from "./walk.js";
