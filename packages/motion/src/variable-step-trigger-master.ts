import { ArgumentError } from "@beamtime/errors";
import type { Axis } from "./axis.js";
import { StepTriggerMaster } from "./step-trigger-master.js";

/** One axis and the positions it visits, in user units. */
export interface PositionList {
  readonly axis: Axis;
  readonly positions: ArrayLike<number>;
}

export interface VariableStepTriggerMasterOptions {
  /** How many times each position is emitted, for detectors that return several points per step. Default 1. */
  readonly broadcastLen?: number;
}

/**
 * Visits given positions, all axes together.
 *
 * @example
 * new VariableStepTriggerMaster([{ axis: roby, positions: [0, 1, 10, 100] }]);
 */
export class VariableStepTriggerMaster extends StepTriggerMaster {
  /**
   * @throws AxisLimitError when a position is beyond the limits
   * @throws ArgumentError for no axis, one given twice, no positions, or lists of different lengths
   */
  constructor(lists: readonly PositionList[], { broadcastLen = 1 }: VariableStepTriggerMasterOptions = {}) {
    const npoints = lists[0]?.positions.length ?? 0;
    if (npoints === 0) throw new ArgumentError("lists", "no positions: expected at least one {axis, positions}");
    for (const { axis, positions } of lists) {
      if (positions.length !== npoints) {
        const lengths = `${axis.name} has ${positions.length} positions, ${lists[0]?.axis.name} ${npoints}`;
        throw new ArgumentError("lists", `${lengths}: expected lists of equal length`);
      }
    }
    if (!Number.isInteger(broadcastLen) || broadcastLen < 1) {
      throw new ArgumentError("broadcastLen", `broadcastLen is ${broadcastLen}; expected an integer of at least 1`);
    }
    super(
      lists.map(({ axis, positions }) => {
        const copy = Float64Array.from(positions);
        return { axis, positions: copy, info: { points: npoints * broadcastLen, min: least(copy), max: most(copy) } };
      }),
      { repeat: broadcastLen },
    );
  }
}

function least(values: Float64Array): number {
  return values.reduce((least, value) => Math.min(least, value));
}

function most(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, value));
}
