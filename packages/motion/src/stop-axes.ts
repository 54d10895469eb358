import type { AxisDrive } from "./axis-drive.js";
import { byController } from "./drive-groups.js";
import type { ControllerCallOptions } from "./motor-controller.js";

/**
 * Tells the controllers to stop axes, each controller once. A motion whose axes cannot be stopped so fails, and stops all that it
 * moves.
 */
export function requestStop(drives: readonly AxisDrive[], options: ControllerCallOptions): Promise<void>[] {
  for (const drive of drives) {
    drive.stopRequested = true;
    drive.onStop?.();
  }
  return Array.from(byController(drives), async ([, group]) => {
    try {
      await tellStop(group, options);
    } catch (error) {
      if (!options.signal?.aborted) for (const drive of group) drive.stopFailure = { error };
      throw error;
    }
  });
}

/** Tells a controller to stop axes of it. */
export function tellStop(drives: readonly [AxisDrive, ...AxisDrive[]], options: ControllerCallOptions): Promise<void> {
  const [{ link, controller }] = drives;
  const addresses = drives.map(({ address }) => address);
  return link.ask("stop", (inner) => controller.stop(addresses, inner), options);
}

/** Axes that were to stop while they were being started may not have heard it: they are told again. */
export async function stopLate(drives: readonly AxisDrive[], options: ControllerCallOptions): Promise<void> {
  const late = drives.filter(({ stopRequested }) => stopRequested);
  if (late.length > 0) await Promise.all(requestStop(late, options));
}
