export { axisStateObject } from "./axis-states.js";
export { type BeaconFrame, encodeFrame, FrameDecoder } from "./beacon-frame.js";
export { beaconMessage } from "./beacon-message.js";
export { ChannelDataDecoder, decodeChannelData } from "./channel-data-decoder.js";
export { type ChannelDataEncoder, channelDataEncoder } from "./channel-data-encoder.js";
export { type ChannelDescription, decodeDescription, encodeDescription } from "./channel-description.js";
export { channelEntryId, channelEntryIndex } from "./channel-entry-id.js";
export {
  type ChannelMessage,
  type ChannelQuery,
  type ChannelReply,
  type ChannelValue,
  decodeChannelMessage,
  encodeChannelQuery,
  encodeChannelReply,
  encodeChannelValue,
} from "./channel-message.js";
export {
  type ChannelDataEvent,
  type DataNodeEvent,
  decodeEvent,
  type EndScanEvent,
  type EventFields,
  encodeChannelData,
  encodeEndScan,
  encodeNewNode,
  encodePreparedScan,
  type LimaStatusEvent,
  type NewNodeEvent,
  type PreparedScanEvent,
  type UnknownEvent,
} from "./data-node-event.js";
export type { ArrayData, DType, NdArray, TypedArray } from "./nd-array.js";
export { allocateData, dtypes, sizeOfShape } from "./nd-array.js";
export { type DecodedInfo, decodeInfo, encodeInfo, scanInfoFloats } from "./node-info.js";
export { childrenSuffix, type NodeKeys, nodeKeys } from "./node-keys.js";
export { decodeNodeStruct, encodeNodeStruct, type NodeStruct, nodeVersion } from "./node-struct.js";
export { type NodeType, nodeTypes } from "./node-type.js";
export { dtypeClass, dtypeOf, NumpyDtype } from "./numpy-dtype.js";
export { NumpyScalar, numpyScalar } from "./numpy-scalar.js";
export { PickleError, type PickleErrorReason } from "./pickle-error.js";
export { type PickleLimits, readPickle } from "./pickle-reader.js";
export {
  type PickleValue,
  PyClass,
  PyComplex,
  PyFloat,
  PyFrozenSet,
  PyObject,
  PyTuple,
  pyClass,
  pyFloat,
  pyTuple,
} from "./pickle-value.js";
export { type PickleInput, writePickle } from "./pickle-writer.js";
export { type PlainValue, toPlain } from "./plain-value.js";
export { ProtocolError } from "./protocol-error.js";
export { PyDate, PyDateTime, type PyDateTimeFields, PyTimeDelta } from "./python-datetime.js";
export { pythonFloatText } from "./python-float-text.js";
export { pythonRepr } from "./python-repr.js";
export { pythonTimeText } from "./python-time-text.js";
export { decodeSettingText, encodeSettingText, type SettingText } from "./setting-text.js";
