export { Axis } from "./axis.js";
export type { AxisConfigParts, SavedAxisOptions } from "./axis-config-parts.js";
export {
  AxisDisabledError,
  AxisDiscrepancyError,
  AxisEncoderError,
  AxisError,
  AxisFailuresError,
  AxisFaultError,
  AxisLimitError,
  AxisMovingError,
  AxisOnLimitError,
  AxisStopError,
  AxisStoppedError,
  AxisTimeoutError,
  AxisUnsupportedError,
  AxisVelocityError,
} from "./axis-error.js";
export { AxisGroup, type GroupTargets } from "./axis-group.js";
export type { AxisOptions } from "./axis-options.js";
export { type AxisFlag, AxisState, type StandardAxisFlag } from "./axis-state.js";
export { positionText } from "./axis-text.js";
export { CalcController, type CalcControllerOptions } from "./calc-controller.js";
export { AxisCalcError } from "./calc-error.js";
export { type CalcPositions, eachPoint } from "./calc-positions.js";
export { checkTrajectory } from "./check-trajectory.js";
export { Encoder, type EncoderOptions } from "./encoder.js";
export {
  HardwarePositionTriggerMaster,
  type HardwarePositionTriggerMasterOptions,
} from "./hardware-position-trigger-master.js";
export { JogMotorMaster, type JogMotorMasterOptions } from "./jog-motor-master.js";
export { KeptSettings, type KeptSettingsOptions } from "./kept-settings.js";
export { LinearStepTriggerMaster, type LinearSweep } from "./linear-step-trigger-master.js";
export { Listeners, type ListenersOptions } from "./listeners.js";
export {
  type AxisConfig,
  axisOptionsOf,
  type EncoderConfig,
  type MotorsConfig,
  type MotorsItem,
  type MotorTools,
  makeMotors,
} from "./make-motors.js";
export { MeshStepTriggerMaster, type MeshSweep } from "./mesh-step-trigger-master.js";
export { hooksOf, type MotionHook, type PlannedMove } from "./motion-hook.js";
export { MotionHookError } from "./motion-hook-error.js";
export { MotionHooksPreset } from "./motion-hooks-preset.js";
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
export { MotorMaster, type MotorMasterOptions } from "./motor-master.js";
export { moveTogether } from "./move-together.js";
export { PositionTriggerMaster, type PositionTriggerMasterOptions } from "./position-trigger-master.js";
export { rockit } from "./rockit.js";
export { type SoftAxisOptions, softAxis } from "./soft-axis.js";
export { SoftwarePositionTriggerMaster } from "./software-position-trigger-master.js";
export type { MotionOptions } from "./start-motion.js";
export type { SweepOptions } from "./sweep.js";
export { SweepMotorMaster, type SweepMotorMasterOptions } from "./sweep-motor-master.js";
export { type Dynamics, Trajectory } from "./trajectory.js";
export { type MotorRange, TwoMotorMaster, type TwoMotorMasterOptions } from "./two-motor-master.js";
export {
  type PositionList,
  VariableStepTriggerMaster,
  type VariableStepTriggerMasterOptions,
} from "./variable-step-trigger-master.js";
