import { errorMessage } from "@beamtime/errors";
import type { AxisDrive } from "./axis-drive.js";
import type { ControllerCallOptions } from "./motor-controller.js";

/** Asks the controller for the unit of an axis that has none and counts in steps. What has no unit works, too. @throws the reason of the signal */
export async function readUnit(drive: AxisDrive, options: ControllerCallOptions): Promise<void> {
  const { controller, coordinates, address, link, name } = drive;
  if (!controller.readUnit || coordinates.unit !== undefined || Math.abs(drive.stepsPerUnit) !== 1) return;
  try {
    const unit = await link.ask("readUnit", async (inner) => controller.readUnit?.(address, inner), options);
    coordinates.unit = unit?.trim() || undefined;
  } catch (error) {
    options.signal?.throwIfAborted();
    drive.options.onWarning?.(`the unit of ${name} cannot be read: ${errorMessage(error)}`);
  }
}
