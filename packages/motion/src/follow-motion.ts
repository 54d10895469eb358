import { roundingAt } from "./axis-arguments.js";
import type { AxisDrive } from "./axis-drive.js";
import { AxisEncoderError, AxisFaultError, AxisOnLimitError } from "./axis-error.js";
import { limitSwitches } from "./axis-state.js";
import type { ControllerCallOptions } from "./motor-controller.js";
import { Trajectory } from "./trajectory.js";
import { withUnit } from "./with-unit.js";

/** Reads the axis until it is at rest: at each polling time, and when it should arrive. `onRead` hears after each reading in flight. */
export async function rest(
  drive: AxisDrive,
  options: ControllerCallOptions,
  { arrival = 0, onRead }: { readonly arrival?: number; readonly onRead?: () => Promise<void> | undefined } = {},
): Promise<void> {
  const { clock, pollingTime } = drive;
  for (;;) {
    const isEarly = clock.now() < arrival;
    if (!(await drive.read(options)).has("MOVING")) return;
    await onRead?.();
    const pause = isEarly ? Math.max(0, arrival - clock.now()) : pollingTime;
    await clock.sleep(Math.min(pause, pollingTime), options);
  }
}

/**
 * Follows the motion to the set point until its end.
 *
 * @param together all axes of the motion: one that was stopped ends it for all
 * @throws AxisFaultError when the controller reports a fault, or the axis comes to rest elsewhere; AxisOnLimitError on an end switch
 * @throws AxisStoppedError when a stop was asked for
 */
export async function arrive(
  drive: AxisDrive,
  together: readonly AxisDrive[],
  options: ControllerCallOptions,
): Promise<void> {
  const target = drive.setPoint;
  const { velocity, acceleration } = drive.dynamics;
  const arrival = Trajectory.move(drive.position, target, { velocity, acceleration }, drive.clock.now()).end;
  await rest(drive, options, { arrival, onRead: () => assertGoesOn(together) });
  assertSound(drive);
  drive.assertNotStopped(target);
  const { name, position, state, coordinates } = drive;
  const { unit } = coordinates;
  if (Math.abs(position - target) <= drive.slack) return;
  if (limitSwitches.some((flag) => state.has(flag)))
    throw new AxisOnLimitError(name, { position, target, state, unit });
  const found = `${name} came to rest at ${withUnit(position, unit)} instead of ${withUnit(target, unit)}`;
  throw new AxisFaultError(name, `${found}: ${state.toString()}: see what holds it up, and move it again`);
}

/**
 * Follows the search of a switch until its end.
 *
 * @throws AxisFaultError when it ends without one of the switches, AxisStoppedError when a stop was asked for
 */
export async function find(
  drive: AxisDrive,
  switches: readonly string[],
  what: string,
  options: ControllerCallOptions,
): Promise<void> {
  await rest(drive, options, { onRead: () => assertGoesOn([drive]) });
  assertSound(drive);
  drive.assertNotStopped(Number.NaN);
  const { name, position, state } = drive;
  if (switches.some((flag) => state.has(flag))) return;
  const place = withUnit(position, drive.coordinates.unit);
  throw new AxisFaultError(
    name,
    `${name} did not find ${what}, and stands at ${place}: ${state.toString()}: see that it has one`,
  );
}

/**
 * Sees in flight whether a motion goes on.
 *
 * @throws AxisStoppedError when one of its axes was stopped and stands; why one could not be stopped that was to stop
 */
export function assertGoesOn(drives: readonly AxisDrive[]): undefined {
  for (const drive of drives) {
    if (drive.stopFailure) throw drive.stopFailure.error;
    if (!drive.state.has("MOVING")) drive.assertNotStopped(drive.setPoint);
  }
}

/** @throws AxisFaultError when the controller reports a fault */
export function assertSound({ name, state }: AxisDrive): void {
  const fault = state.description("FAULT");
  if (fault !== undefined)
    throw new AxisFaultError(name, `${name} is in fault: ${fault}: mend that, and move it again`);
}

/** @throws AxisEncoderError when the encoder does not confirm where the axis is */
export async function confirm(drive: AxisDrive, options: ControllerCallOptions): Promise<void> {
  const { coordinates, setPoint, name } = drive;
  const { encoder, checkEncoder } = drive.options;
  if (!encoder || !checkEncoder) return;
  const measured = coordinates.toUser(await encoder.read(options));
  if (Math.abs(measured - setPoint) <= Math.max(encoder.tolerance, roundingAt(setPoint))) return;
  throw new AxisEncoderError(name, measured, setPoint, encoder.tolerance, coordinates.unit);
}
