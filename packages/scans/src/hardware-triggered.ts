import type { AcquisitionObject } from "@beamtime/core";
import type { Counter, CounterController, CountingParameters } from "@beamtime/counters";
import type { Axis } from "@beamtime/motion";

/** What a controller of counters has besides when a cable from a motor controller can make it count. */
export interface HardwareTriggered {
  /** Whether the pulses of this axis (`armTriggers` of its controller) reach the device. */
  isTriggeredBy(axis: Axis): boolean;
  /** As `createAcquisitionObject`, of trigger type `hardware`: one point a pulse. */
  createTriggeredObject(counters: readonly Counter[], parameters: CountingParameters): AcquisitionObject;
}

/** Whether a controller can be made to count by the pulses of an axis. */
export function isTriggeredBy(
  controller: CounterController,
  axis: Axis,
): controller is CounterController & HardwareTriggered {
  if (!("isTriggeredBy" in controller && "createTriggeredObject" in controller)) return false;
  return (controller as CounterController & HardwareTriggered).isTriggeredBy(axis); // it has both methods
}
