export { CaClient, type CaClientOptions } from "./ca-client.js";
export type { ChannelAccess, PvListener, PvOptions, PvReading } from "./channel-access.js";
export {
  EpicsDisconnectedError,
  EpicsError,
  EpicsProtocolError,
  EpicsRefusedError,
  EpicsTimeoutError,
} from "./epics-error.js";
export { EpicsMotorController, type EpicsMotorControllerOptions } from "./epics-motor-controller.js";
export { epicsMotorPlugin } from "./epics-motor-plugin.js";
export type { MotorCoordinates } from "./motor-coordinates.js";
