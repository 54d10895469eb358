import type { AxisDrive } from "./axis-drive.js";
import { AxisDisabledError, AxisMovingError } from "./axis-error.js";
import { assertSound } from "./follow-motion.js";
import type { ControllerCallOptions } from "./motor-controller.js";

/**
 * Makes ready for a motion: the controller has the dynamics, and the axis is where it was left.
 *
 * @throws AxisDisabledError, AxisMovingError, AxisFaultError, or AxisDiscrepancyError
 */
export async function prepareMotion(drive: AxisDrive, options: ControllerCallOptions): Promise<void> {
  await drive.ready(options);
  await drive.dynamics.apply(drive.link, options);
  if (drive.state.has("READY")) await drive.readPosition(options);
  // one that is elsewhere may be on its way
  if (!drive.state.has("READY") || drive.place.isElsewhere) await drive.read(options);
  const { name, state } = drive;
  if (state.has("MOVING")) throw new AxisMovingError(name, "somebody else");
  if (state.has("OFF")) {
    throw new AxisDisabledError(name, `${name} cannot move: ${state.description("OFF")}: call on() of the axis`);
  }
  // real axes say themselves what keeps them; what has ended in a fault may be ready again
  if (!drive.controller.realAxes && !state.has("READY")) {
    assertSound(drive);
    const reason = state.description("DISABLED");
    if (reason !== undefined) {
      throw new AxisDisabledError(name, `${name} cannot move: ${reason}: mend that at its controller`);
    }
  }
  await drive.place.check(options);
}
