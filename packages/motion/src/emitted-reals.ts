import { ArgumentError } from "@beamtime/errors";
import type { Axis } from "./axis.js";
import { CalcController } from "./calc-controller.js";

/**
 * The axes whose positions a scan emits beside those that it moves: what calculated axes are calculated from, unless their
 * controller wants it otherwise. Each once, in the order of the axes.
 *
 * @throws ArgumentError when an axis and one that it moves are both moved by the scan
 */
export function emittedReals(axes: readonly Axis[]): readonly Axis[] {
  const emitted = new Set<Axis>();
  const collect = (moved: readonly Axis[]): void => {
    for (const { name, controller } of moved) {
      const reals = controller.realAxes ?? [];
      const both = reals.find((real) => axes.includes(real));
      if (both) {
        throw new ArgumentError("axes", `${name} moves ${both.name}: expected axes that move independently`);
      }
      if (controller instanceof CalcController && controller.emitRealPosition) {
        for (const real of reals) emitted.add(real);
      }
      collect(reals);
    }
  };
  collect(axes);
  return [...emitted];
}
