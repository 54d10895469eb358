import type { Axis } from "@beamtime/motion";
import { SimulatedMotorController } from "./simulated-motor-controller.js";
import type { TriggerLine } from "./trigger-line.js";

/** Whether a line carries the pulses of an axis. */
export function isTriggerOutput(line: TriggerLine | undefined, { controller, address }: Axis): boolean {
  if (!line || !(controller instanceof SimulatedMotorController)) return false;
  return controller.triggerLine(address) === line;
}
