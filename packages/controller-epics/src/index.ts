export { CaClient, type CaClientOptions } from "./ca-client.js";
export type { ChannelAccess, PvListener, PvOptions, PvReading } from "./channel-access.js";
export {
  EpicsDisconnectedError,
  EpicsError,
  EpicsProtocolError,
  EpicsRefusedError,
  EpicsTimeoutError,
} from "./epics-error.js";
