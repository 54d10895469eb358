export { ActiveMeasurementGroup } from "./active-measurement-group.js";
export { Counter, type CounterController, type CounterOptions, type CountingParameters } from "./counter.js";
export { CounterError } from "./counter-error.js";
export {
  type ControllerOptions,
  type CounterPoints,
  type IntegratingController,
  IntegratingCounter,
} from "./integrating-counter.js";
export {
  IntegratingCounterAcquisitionSlave,
  type IntegratingCounterAcquisitionSlaveOptions,
} from "./integrating-counter-acquisition-slave.js";
export { IntegratingCounterController } from "./integrating-counter-controller.js";
export { MeasurementGroup, type MeasurementGroupOptions } from "./measurement-group.js";
export type { MeasurementGroupStore } from "./measurement-group-store.js";
export { type CounterContainer, type CounterSource, isCounterSource, resolveCounters } from "./resolve-counters.js";
export type { SampleStatistics } from "./sample-statistics.js";
export { type SamplingController, SamplingCounter, type SamplingCounterOptions } from "./sampling-counter.js";
export { SamplingCounterAcquisitionSlave } from "./sampling-counter-acquisition-slave.js";
export { SamplingCounterController, type SamplingCounterControllerOptions } from "./sampling-counter-controller.js";
export { type SamplingMode, samplingModes } from "./sampling-mode.js";
