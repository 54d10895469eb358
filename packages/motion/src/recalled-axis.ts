import type { AxisDrive } from "./axis-drive.js";
import type { RecalledAxis } from "./axis-memory.js";

/** Gives an axis the settings that an earlier process left, as far as they fit the configuration of now. */
export function takeUp(drive: AxisDrive, recalled: RecalledAxis): void {
  const { coordinates, dynamics } = drive;
  const [low = coordinates.dialLimits[0], high = coordinates.dialLimits[1]] = recalled.dialLimits;
  // both of them may be kept the higher one first
  if (low <= high || !recalled.dialLimits.includes(undefined)) coordinates.keptLimits = [low, high];
  coordinates.sign = recalled.sign ?? coordinates.sign;
  coordinates.offset = recalled.offset ?? coordinates.offset;
  if (recalled.backlash !== undefined) drive.backlash = recalled.backlash;
  const [slowest = dynamics.velocityLimits[0], fastest = dynamics.velocityLimits[1]] = recalled.velocityLimits;
  dynamics.takeUp("velocityLimits", [slowest, fastest]);
  dynamics.takeUp("velocity", recalled.velocity);
  dynamics.takeUp("acceleration", recalled.acceleration);
  dynamics.takeUp("jogVelocity", recalled.jogVelocity);
}

/**
 * Where an earlier process left the axis, in dial units of now; undefined when it is there, or on the way of a move whose end
 * that process did not see.
 */
export function placeLeft(drive: AxisDrive, { dial, stepsPerUnit, setPoint }: RecalledAxis): number | undefined {
  if (dial === undefined || drive.controller.realAxes) return undefined; // where a calculated one is follows from others
  const { coordinates, slack, position } = drive;
  const found = coordinates.toDial(position);
  const scale = stepsPerUnit === undefined ? 1 : stepsPerUnit / drive.stepsPerUnit;
  const left = dial * scale;
  const target = setPoint === undefined ? left : coordinates.toDial(setPoint) * scale;
  const isOnTheWay = found >= Math.min(left, target) - slack && found <= Math.max(left, target) + slack;
  return isOnTheWay ? undefined : left;
}

/** The configuration counts other steps than before: the axis stands where it stood for the user, as in BLISS. */
export function rescale(drive: AxisDrive, before: number): void {
  const { coordinates, stepsPerUnit } = drive;
  if (before === stepsPerUnit) return;
  const dial = coordinates.toDial(drive.position);
  const user = coordinates.toUser((dial * stepsPerUnit) / before);
  drive.recount(() => {
    coordinates.offset = user - coordinates.sign * dial;
    const [low, high] = coordinates.dialLimits;
    if (before * stepsPerUnit < 0) coordinates.dialLimits = [-high, -low];
  });
}
