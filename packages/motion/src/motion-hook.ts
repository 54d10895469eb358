import type { Axis } from "./axis.js";
import type { ControllerCallOptions } from "./motor-controller.js";

/** A motion that is about to start, or has ended. */
export interface PlannedMove {
  readonly axis: Axis;
  /** Where it starts, in user units. */
  readonly from: number;
  /** Where it goes, in user units; NaN for a jog or a search of a switch. */
  readonly to: number;
}

/**
 * What is to be done around motions: air pads, brakes, a detector that must be out of the way. Each method is called once per
 * motion, or per scan, with all the axes of it that have the hook. After an abort or a stop of the motion a hook has ten seconds to
 * end; then it is left alone.
 *
 * @see BLISS `bliss/common/hook.py`, class `MotionHook`
 */
export interface MotionHook {
  readonly name: string;
  /** Before anything moves. @throws to forbid the motion */
  preMove?(moves: readonly PlannedMove[], options: ControllerCallOptions): void | Promise<void>;
  /** When all stand again, however the motion has ended; also after a `preMove` that failed. */
  postMove?(moves: readonly PlannedMove[], options: ControllerCallOptions): void | Promise<void>;
  /** Before a scan prepares its devices. @throws to forbid the scan */
  preScan?(axes: readonly Axis[], options: ControllerCallOptions): void | Promise<void>;
  /** When the scan has ended, however. */
  postScan?(axes: readonly Axis[], options: ControllerCallOptions): void | Promise<void>;
}

/** The hooks of several axes, each once, with what it is told of: in the order of the axes. */
export function hooksOf<T extends { readonly axis: Axis }>(
  items: readonly T[],
  further: readonly MotionHook[] = [],
): Map<MotionHook, T[]> {
  const hooks = new Map<MotionHook, T[]>(further.map((hook) => [hook, [...items]]));
  for (const item of items) {
    for (const hook of item.axis.motionHooks) {
      const known = hooks.get(hook);
      if (!known) hooks.set(hook, [item]);
      else if (!known.includes(item)) known.push(item);
    }
  }
  return hooks;
}
