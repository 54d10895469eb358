import { Axis, type AxisOptions, type MotorController } from "@beamtime/motion";
import { SimulatedMotorController } from "./simulated-motor-controller.js";

export interface SimulatedAxisOptions extends Omit<AxisOptions, "controller" | "velocity" | "acceleration"> {
  /** Default: a controller of its own. */
  readonly controller?: MotorController | undefined;
  /** Units/s. Default 10. */
  readonly velocity?: number | undefined;
  /** Units/s². Default 100. */
  readonly acceleration?: number | undefined;
}

/**
 * An axis that moves in time as a real one does.
 *
 * @example
 * const roby = simulatedAxis({ name: "roby", unit: "mm", lowLimit: -10, highLimit: 10 });
 */
export function simulatedAxis(options: SimulatedAxisOptions): Axis {
  const { velocity = 10, acceleration = 100, clock } = options;
  const controller = options.controller ?? new SimulatedMotorController({ name: `${options.name}_motor`, clock });
  return new Axis({ ...options, controller, velocity, acceleration });
}
