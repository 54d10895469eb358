export { Axis, type AxisOptions } from "./axis.js";
export { AxisError, AxisFaultError, AxisLimitError, AxisMovingError, AxisStoppedError } from "./axis-error.js";
export { type AxisFlag, AxisState } from "./axis-state.js";
export { KeptSettings, type KeptSettingsOptions } from "./kept-settings.js";
export { LinearStepTriggerMaster, type LinearSweep } from "./linear-step-trigger-master.js";
export {
  type AxisConfig,
  axisOptionsOf,
  type MotorsConfig,
  type MotorsItem,
  type MotorTools,
  makeMotors,
} from "./make-motors.js";
export { MeshStepTriggerMaster, type MeshSweep } from "./mesh-step-trigger-master.js";
export {
  type ControllerCallOptions,
  capabilitiesOf,
  type Motion,
  type MotorCapabilities,
  type MotorController,
  type MotorListener,
  type PositionTriggers,
  type SearchDirection,
} from "./motor-controller.js";
export { moveTogether } from "./move-together.js";
export { type Dynamics, Trajectory } from "./trajectory.js";
export {
  type PositionList,
  VariableStepTriggerMaster,
  type VariableStepTriggerMasterOptions,
} from "./variable-step-trigger-master.js";
