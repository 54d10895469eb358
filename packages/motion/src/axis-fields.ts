import type { AxisDrive } from "./axis-drive.js";

/** What is told of an axis to whoever comes later and to other processes, in the fields of BLISS. */
export type AxisFields = Readonly<Record<string, number>>;

/** @see BLISS `bliss/common/axis.py`, the settings of an axis */
export function axisFields(drive: AxisDrive): AxisFields {
  const { coordinates, dynamics } = drive;
  const [low, high] = coordinates.keptLimits;
  const dial = drive.place.kept;
  return {
    sign: coordinates.sign,
    offset: coordinates.offset,
    backlash: drive.backlash,
    steps_per_unit: drive.stepsPerUnit,
    low_limit: low,
    high_limit: high,
    ...(Number.isNaN(dynamics.velocity) ? {} : { velocity: dynamics.velocity }),
    ...(Number.isNaN(dynamics.acceleration) ? {} : { acceleration: dynamics.acceleration }),
    ...(dynamics.hasJogVelocity ? { jog_velocity: dynamics.jogVelocity } : {}),
    ...(dial === undefined
      ? {}
      : {
          dial_position: dial + 0, // not -0
          position: coordinates.toUser(dial),
          _set_position: drive.setPoint,
        }),
  };
}
