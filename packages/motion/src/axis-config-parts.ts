import type { AxisOptions } from "./axis-options.js";
import type { AxisSettings } from "./axis-settings.js";

/** Which settings are meant; those that are not `false`. */
export interface AxisConfigParts {
  /** With its limits and the jog velocity. */
  readonly velocity?: boolean | undefined;
  readonly acceleration?: boolean | undefined;
  readonly limits?: boolean | undefined;
  readonly sign?: boolean | undefined;
  readonly backlash?: boolean | undefined;
}

/** Options of an axis that can be set, and then saved as such; undefined: as without the option. */
export type SavedAxisOptions = Partial<
  Pick<
    AxisOptions,
    | "velocity"
    | "velocityLowLimit"
    | "velocityHighLimit"
    | "jogVelocity"
    | "acceleration"
    | "lowLimit"
    | "highLimit"
    | "sign"
    | "backlash"
  >
>;

/** The options that would make an axis as it is set now. */
export function optionsAsSet(axis: AxisSettings, parts: AxisConfigParts): SavedAxisOptions {
  const { velocity = true, acceleration = true, limits = true, sign = true, backlash = true } = parts;
  const { dynamics, controller } = axis.drive;
  const [slowest, fastest] = axis.velocityLimits;
  const [low, high] = axis.dialLimits;
  return {
    ...(velocity &&
      controller.setVelocity && {
        velocity: axis.velocity,
        velocityLowLimit: slowest > 0 ? slowest : undefined,
        velocityHighLimit: finite(fastest),
        jogVelocity: dynamics.hasJogVelocity ? axis.jogVelocity : undefined,
      }),
    ...(acceleration && controller.setAcceleration && { acceleration: axis.acceleration }),
    ...(limits && { lowLimit: finite(low), highLimit: finite(high) }),
    ...(sign && { sign: axis.sign }),
    ...(backlash && { backlash: axis.backlash }),
  };
}

function finite(limit: number): number | undefined {
  return Number.isFinite(limit) ? limit : undefined;
}
