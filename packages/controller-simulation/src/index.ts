export {
  type AxisCounterOptions,
  type EdgeCounterOptions,
  edgeCounter,
  type GaussianCounterOptions,
  gaussianCounter,
} from "./axis-counters.js";
export { CameraAcquisitionSlave } from "./camera-acquisition-slave.js";
export type { CameraParameters, GivenCameraParameters } from "./camera-parameters.js";
export { CounterCardMaster, type CounterCardMasterOptions } from "./counter-card-master.js";
export { type SimulatedAxisOptions, simulatedAxis } from "./simulated-axis.js";
export { type CameraFrame, SimulatedCamera, type SimulatedCameraOptions } from "./simulated-camera.js";
export { type Measure, SimulatedCounter, type SimulatedCounterOptions } from "./simulated-counter.js";
export {
  type CounterCardInputOptions,
  type CounterCardMode,
  SimulatedCounterCard,
  type SimulatedCounterCardOptions,
} from "./simulated-counter-card.js";
export { type SimulatedDiodeOptions, type SimulatedReadingOptions, simulatedDiode } from "./simulated-diode.js";
export { type SimulatedIntegratingDiodeOptions, simulatedIntegratingDiode } from "./simulated-integrating-diode.js";
export { SimulatedMca, type SimulatedMcaOptions } from "./simulated-mca.js";
export type { SimulatedMotorOptions } from "./simulated-motor.js";
export { SimulatedMotorController, type SimulatedMotorControllerOptions } from "./simulated-motor-controller.js";
export type { SimulatedMotorEncoderOptions } from "./simulated-motor-encoder.js";
export type { MotorCall } from "./simulated-motor-faults.js";
export { simulationPlugins } from "./simulation-plugins.js";
export { TriggerLine, type TriggerPulse } from "./trigger-line.js";
