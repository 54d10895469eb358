import { systemClock } from "@beamtime/concurrency";
import type { Axis } from "@beamtime/motion";
import { positionsTable } from "./axis-tables.js";
import { LiveLines } from "./live-lines.js";
import type { Screen } from "./screen.js";

/** Seconds between two showings. */
const period = 0.1;

/**
 * Shows positions of axes while something moves them: on a terminal all the time, else at the end. After an abort nothing is
 * shown any longer, as nobody may wait for the end.
 *
 * @param move is to call `begin` when nothing stands in the way of the motion any longer
 */
export async function showPositions(
  axes: readonly Axis[],
  { screen, signal }: { readonly screen: Screen; readonly signal: AbortSignal },
  move: (begin: () => void) => Promise<void>,
): Promise<void> {
  const shown = [...new Set(axes.flatMap((axis) => [axis, ...axis.realAxes]))];
  const lines = new LiveLines(screen);
  const show = (): void => {
    const readings = shown.map((axis) => ({ axis, error: undefined }));
    if (!signal.aborted) lines.show(positionsTable(readings, screen.width));
  };
  if (!screen.isTerminal) {
    await move(() => {});
    show();
    return;
  }
  const over = new AbortController();
  const showAlways = async (): Promise<void> => {
    const ending = { signal: AbortSignal.any([over.signal, signal]) };
    while (!ending.signal.aborted) {
      show();
      await systemClock.sleep(period, ending).catch(() => {});
    }
  };
  let showing: Promise<void> | undefined;
  try {
    await move(() => {
      showing ??= showAlways();
    });
  } finally {
    over.abort();
    await showing;
    if (showing) show();
  }
}
