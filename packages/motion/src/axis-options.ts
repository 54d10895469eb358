import type { Clock } from "@beamtime/concurrency";
import type { DeviceLocks, LiveValues, SettingsStore } from "@beamtime/core";
import type { SavedAxisOptions } from "./axis-config-parts.js";
import type { Encoder } from "./encoder.js";
import type { MotionHook } from "./motion-hook.js";
import type { MotorController } from "./motor-controller.js";

export interface AxisOptions {
  readonly name: string;
  readonly controller: MotorController;
  /** Which axis of the controller; its name by default. */
  readonly address?: string | undefined;
  /** Default: what the controller tells, for an axis of one step per unit. */
  readonly unit?: string | undefined;
  /** Steps of the controller per unit; negative when they count the other way. Default 1. */
  readonly stepsPerUnit?: number | undefined;
  /** Units/s. Default: what the controller has. */
  readonly velocity?: number | undefined;
  /** Units/s². Default: what the controller has. */
  readonly acceleration?: number | undefined;
  /** Units/s, of `jog` when it is given no other. Default as `velocity`. */
  readonly jogVelocity?: number | undefined;
  /** Slowest velocity allowed, units/s. Default none. */
  readonly velocityLowLimit?: number | undefined;
  /** Fastest velocity allowed, units/s. Default none. */
  readonly velocityHighLimit?: number | undefined;
  /** User position = sign × dial position + offset. Default 1. */
  readonly sign?: 1 | -1 | undefined;
  /** Default 0. */
  readonly offset?: number | undefined;
  /** Lowest dial position. Default none. */
  readonly lowLimit?: number | undefined;
  /** Highest dial position. Default none. */
  readonly highLimit?: number | undefined;
  /** How near counts as arrived; 0: as near as numbers and steps allow. Also sets how many digits of a position are shown. Default 0.0001. */
  readonly tolerance?: number | undefined;
  /** Every move ends in the direction of its sign, from at least so far away. Default 0: none. */
  readonly backlash?: number | undefined;
  /**
   * Period of an axis that turns round and round: it is sent to positions from 0 to this, whatever number of turns is asked
   * for. Default none. A move goes the plain way, not the shortest; what is relative, and a scan in motion, goes on beyond.
   *
   * @see BLISS `bliss/common/axis.py`, class `ModuloAxis`
   */
  readonly modulo?: number | undefined;
  /** Measures where the axis is, in its dial units. */
  readonly encoder?: Encoder | undefined;
  /** Whether each move is to be confirmed by the encoder. Default false. */
  readonly checkEncoder?: boolean | undefined;
  /** What tells the position. Default `controller`. */
  readonly readPositionFrom?: "controller" | "encoder" | undefined;
  /**
   * Whether a move is refused when the axis is not where it was left. Default true; false when the encoder tells
   * the position, and for an axis that is calculated from others.
   */
  readonly checkDiscrepancy?: boolean | undefined;
  /** What is done around its motions. */
  readonly motionHooks?: readonly MotionHook[] | undefined;
  /** Seconds between two readings of a moving axis. Default 0.02. */
  readonly pollingTime?: number | undefined;
  /** Seconds that a call of the controller may take. Default 5; 30 for an axis that is calculated from others. */
  readonly answerTime?: number | undefined;
  readonly clock?: Clock | undefined;
  /**
   * Where the axis is kept over restarts, as owner `axis.<name>`: sign, offset, backlash, limits, velocity, acceleration, and
   * where it is. What is kept there goes before these options, but for `stepsPerUnit`. Default: nothing is kept.
   */
  readonly settings?: SettingsStore | undefined;
  /** Shares the axis live with other processes, as `axis.<name>.<field>`: they see it move, can stop it, and share its settings. */
  readonly live?: LiveValues | undefined;
  /** Keeps other processes from moving the axis while this one does. */
  readonly locks?: DeviceLocks | undefined;
  /** Writes what is set into the configuration that these options are from. */
  readonly saveOptions?: ((changes: SavedAxisOptions) => Promise<void>) | undefined;
  /** Hears when settings cannot be read or saved, or a listener fails; the axis works on. */
  readonly onWarning?: ((message: string) => void) | undefined;
}
