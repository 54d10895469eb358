import { ArgumentError } from "@beamtime/errors";
import type { LinearSweep } from "./linear-step-trigger-master.js";
import { linspace, mostPoints } from "./linspace.js";
import { StepTriggerMaster } from "./step-trigger-master.js";

/** One axis of a grid. */
export interface MeshSweep extends LinearSweep {
  readonly npoints: number;
}

/**
 * Visits every node of a grid; the first axis is the fastest.
 *
 * @example
 * // 0 0, 1 0, 0 2, 1 2, 0 4, 1 4; with backnforth: 0 0, 1 0, 1 2, 0 2, 0 4, 1 4
 * new MeshStepTriggerMaster([
 *   { axis: roby, start: 0, stop: 1, npoints: 2 },
 *   { axis: robz, start: 0, stop: 4, npoints: 3 },
 * ]);
 */
export class MeshStepTriggerMaster extends StepTriggerMaster {
  /** @throws AxisLimitError when a position is beyond the limits; ArgumentError for no axis, or one given twice */
  constructor(sweeps: readonly MeshSweep[], { backnforth = false }: { readonly backnforth?: boolean } = {}) {
    if (sweeps.length === 0) {
      throw new ArgumentError("sweeps", "no axis: expected at least one {axis, start, stop, npoints}");
    }
    const total = sweeps.reduce((product, { npoints }) => product * npoints, 1);
    if (total > mostPoints) {
      throw new ArgumentError("sweeps", `the grid has ${total} points; expected ${mostPoints} at most`);
    }
    let period = 1;
    super(
      sweeps.map(({ axis, start, stop, npoints }, level) => {
        const line = linspace(start, stop, npoints);
        const isSlowest = level === sweeps.length - 1;
        const positions = gridPositions(line, period, total, backnforth && !isSlowest);
        period *= npoints;
        return {
          axis,
          positions,
          info: {
            start,
            stop,
            points: total,
            "axis-points": npoints,
            "axis-id": level,
            "axis-kind": backnforth && !isSlowest ? "backnforth" : "forth",
          },
        };
      }),
    );
  }
}

/** Each position of `line` held for `period` points, the line repeated up to `total`, every second time reversed on request. */
function gridPositions(line: Float64Array, period: number, total: number, backnforth: boolean): Float64Array {
  const positions = new Float64Array(total);
  for (let i = 0; i < total; i++) {
    const step = Math.floor(i / period);
    const place = step % line.length;
    const isBack = backnforth && Math.floor(step / line.length) % 2 === 1;
    positions[i] = line[isBack ? line.length - 1 - place : place] ?? Number.NaN;
  }
  return positions;
}
