import { systemClock } from "@beamtime/concurrency";
import type { Axis } from "@beamtime/motion";
import { positionsTable } from "./axis-tables.js";

/** Seconds between two showings. */
const period = 0.1;

/** Where a command writes. */
export interface Screen {
  /** Takes text, lines ended. */
  readonly print: (text: string) => void;
  /** Whether lines can be written anew. */
  readonly isTerminal: boolean;
}

/** Shows positions of axes while something moves them: on a terminal all the time, else at the end. */
export async function showPositions(axes: readonly Axis[], screen: Screen, move: () => Promise<void>): Promise<void> {
  const shown = [...new Set(axes.flatMap((axis) => [axis, ...axis.realAxes]))];
  const table = (): string => positionsTable(shown.map((axis) => ({ axis, error: undefined })));
  if (!screen.isTerminal) {
    await move();
    screen.print(table());
    return;
  }
  let height = 0;
  const show = (): void => {
    const text = table();
    const back = height > 0 ? `\x1b[${height}A\x1b[J` : "";
    height = text.split("\n").length - 1;
    screen.print(`${back}${text}`);
  };
  const over = new AbortController();
  const showing = (async () => {
    while (!over.signal.aborted) {
      show();
      await systemClock.sleep(period, { signal: over.signal }).catch(() => {});
    }
  })();
  try {
    await move();
  } finally {
    over.abort();
    await showing;
    show();
  }
}
