import type { Axis } from "./axis.js";
import { driveTogether } from "./drive-together.js";
import type { ControllerCallOptions } from "./motor-controller.js";

/**
 * Moves axes at the same time and resolves when all have arrived.
 *
 * Everything is checked before anything moves. When one axis fails, or the signal aborts, all of them are stopped in
 * flight, their positions are read, and then the failure (or the signal's reason) is thrown.
 *
 * @param targets axes and their positions in user units: a `Map`, or pairs
 * @throws AxisLimitError when a position is outside the limits
 * @throws AxisMovingError when an axis is moving already; DeviceInUseError when another process has it
 * @throws AxisDisabledError, AxisDiscrepancyError when an axis must not move
 * @throws AxisStoppedError when somebody stopped an axis meanwhile
 * @throws AxisFaultError when a controller reports a fault, or an axis comes to rest elsewhere; AxisOnLimitError on an end switch
 * @throws AxisEncoderError when an encoder does not confirm the arrival
 * @throws AxisTimeoutError when a controller does not answer, AxisStopError when the axes could then not be stopped
 * @throws what a motion hook throws, AxisFailuresError when a hook fails after a motion that failed
 */
export function moveTogether(
  targets: Iterable<readonly [Axis, number]>,
  options: ControllerCallOptions = {},
): Promise<void> {
  return driveTogether(
    Array.from(targets, ([axis, to]) => ({ drive: axis.drive, to: axis.targetOf(to) })),
    options,
  );
}
