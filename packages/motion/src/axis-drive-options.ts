import type { Clock } from "@beamtime/concurrency";
import type { DeviceLocks, LiveValues } from "@beamtime/core";
import type { Axis } from "./axis.js";
import type { AxisCoordinates } from "./axis-coordinates.js";
import type { AxisDynamics } from "./axis-dynamics.js";
import type { AxisMemory } from "./axis-memory.js";
import type { Encoder } from "./encoder.js";
import type { MotorController } from "./motor-controller.js";

/** What an axis gives its drive, all defaults settled. */
export interface AxisDriveOptions {
  readonly axis: Axis;
  readonly coordinates: AxisCoordinates;
  readonly dynamics: AxisDynamics;
  readonly controller: MotorController;
  readonly address: string;
  readonly clock: Clock;
  readonly stepsPerUnit: number;
  readonly tolerance: number;
  readonly backlash: number;
  readonly pollingTime: number;
  readonly answerTime: number;
  readonly encoder: Encoder | undefined;
  readonly checkEncoder: boolean;
  readonly checkDiscrepancy: boolean;
  readonly readPositionFrom: "controller" | "encoder";
  readonly memory: AxisMemory | undefined;
  readonly live: LiveValues | undefined;
  readonly locks: DeviceLocks | undefined;
  readonly onWarning: ((message: string) => void) | undefined;
}
