export { AcquisitionChain, type AcquisitionChainOptions } from "./acquisition-chain.js";
export { AcquisitionChannel, type AcquisitionChannelOptions, type ChannelBlock } from "./acquisition-channel.js";
export type { AcquisitionContext } from "./acquisition-context.js";
export { AcquisitionError } from "./acquisition-error.js";
export { AcquisitionMaster, type AcquisitionMasterOptions, type ExternalChannelOptions } from "./acquisition-master.js";
export { AcquisitionObject, type AcquisitionObjectOptions, type TriggerType } from "./acquisition-object.js";
export { AcquisitionSlave } from "./acquisition-slave.js";
export {
  CalcChannelAcquisitionSlave,
  type CalcChannelFunction,
  type CalcChannelHook,
  type CalcChannelOutput,
} from "./calc-channel-acquisition-slave.js";
export type { ChainNode } from "./chain-node.js";
export { ChainIterationPreset, ChainPreset } from "./chain-preset.js";
export type { ChannelData } from "./channel-values.js";
export { Container } from "./container.js";
export type { DataKey } from "./data-key.js";
export { type DataWatch, watchSink } from "./data-watch.js";
export { DeviceInUseError } from "./device-in-use-error.js";
export type { DeviceLock, DeviceLocks, LockableDevice } from "./device-locks.js";
export type { Emission } from "./emission.js";
export type { LiveValue, LiveValues } from "./live-values.js";
export { memoryScanSaving } from "./memory-scan-saving.js";
export { MissingPointsError } from "./missing-points-error.js";
export type { PresetContext } from "./preset-context.js";
export { RecordingError } from "./recording-error.js";
export { type ReplayOptions, replayScan } from "./replay-scan.js";
export { Scan, type ScanComment } from "./scan.js";
export { ScanAbort } from "./scan-abort.js";
export { scanUsing } from "./scan-devices.js";
export { ScanError } from "./scan-error.js";
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
export { decodeScanEvent, encodeScanEvent } from "./scan-event-codec.js";
export type { InfoValue, ScanInfo } from "./scan-info.js";
export type { ScanOptions } from "./scan-options.js";
export { type PresetDataCallback, ScanPreset } from "./scan-preset.js";
export { ScanRecorder, type ScanRecorderOptions } from "./scan-recorder.js";
export type { ScanSaving, ScanSavingRequest } from "./scan-saving.js";
export type { ScanSink, ScanSinkContext, ScanSinkFactory } from "./scan-sink.js";
export { type ScanState, scanStateRank, scanStates } from "./scan-state.js";
export { memorySettings, type SettingsStore, type SettingValue } from "./settings-store.js";
export { SoftwareTimerMaster, type SoftwareTimerOptions } from "./software-timer-master.js";
export { StopScan, StopScan as StopIteration } from "./stop-scan.js";
export { type WatchdogAnswer, WatchdogCallback } from "./watchdog-callback.js";
