export {
  AcquisitionChannel,
  type AcquisitionChannelOptions,
  type ChannelBlock,
  type Emission,
} from "./acquisition-channel.js";
export type { AcquisitionContext } from "./acquisition-context.js";
export { AcquisitionMaster, type AcquisitionMasterOptions } from "./acquisition-master.js";
export { AcquisitionObject, type AcquisitionObjectOptions, type TriggerType } from "./acquisition-object.js";
export { AcquisitionSlave } from "./acquisition-slave.js";
export {
  type ChannelDescription,
  type DeviceDescription,
  type NexusRole,
  type ScanCreatedEvent,
  type ScanDataEvent,
  type ScanDeviceEndEvent,
  type ScanDevicesEvent,
  type ScanEndedEvent,
  type ScanEndReason,
  type ScanEvent,
  type ScanIdentity,
  type ScanInfoEvent,
  type ScanPreparedEvent,
  type ScanStateEvent,
  type ScanWarningEvent,
  scanEventVersion,
} from "./scan-event.js";
export type { InfoValue, ScanInfo } from "./scan-info.js";
export type { ScanSaving, ScanSavingRequest } from "./scan-saving.js";
export type { ScanSink, ScanSinkContext, ScanSinkFactory } from "./scan-sink.js";
export { type ScanState, scanStateRank, scanStates } from "./scan-state.js";
