export { createLine } from "./create-line.js";
export type { Line, RequestOptions, TextRequestOptions } from "./line.js";
export {
  LineBusyError,
  LineClosedError,
  LineError,
  LineLostError,
  LineOverflowError,
  LineTimeoutError,
  LineUnreachableError,
} from "./line-error.js";
export type { LineReader } from "./line-reader.js";
export { formatTraceEntry, type TraceEntry } from "./line-trace.js";
export { SerialLine, type SerialLineOptions } from "./serial-line.js";
export type { LineOptions } from "./stream-line.js";
export { parseTcpAddress, type TcpAddress } from "./tcp-address.js";
export { TcpLine, type TcpLineOptions } from "./tcp-line.js";
