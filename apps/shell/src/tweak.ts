import { deferred } from "@beamtime/concurrency";
import { ArgumentError } from "@beamtime/errors";
import { type Axis, positionText } from "@beamtime/motion";
import { titleOf } from "./axis-tables.js";
import { errorSentence } from "./error-report.js";
import { LiveLines } from "./live-lines.js";
import type { Screen } from "./screen.js";

/** A key as `node:readline` names it. */
export interface Key {
  readonly name?: string | undefined;
  readonly sequence?: string | undefined;
  readonly ctrl?: boolean | undefined;
}

/** Gives the keys that are typed to a listener, instead of to the prompt; returns the way out. */
export type KeySource = (listener: (key: Key) => void) => () => void;

export interface TweakOptions {
  /** Length of a step, in user units. Default a hundredth of the way that the velocity makes in a second, rounded. */
  readonly step?: number;
  /** Called after each step, e.g. to count. */
  readonly after?: () => unknown;
}

const legend = "left/right: a step   up/down: another axis   + -: longer, shorter steps   s: stop   q: end\n";

/** Moves axes by steps, key by key, until `q`. Nothing is shown any longer once the signal aborts. @throws ArgumentError for a step that is none */
export async function tweak(
  axes: readonly Axis[],
  { step, after }: TweakOptions,
  parts: { readonly keys: KeySource; readonly screen: Screen; readonly signal: AbortSignal },
): Promise<void> {
  const { keys, screen, signal } = parts;
  if (step !== undefined && !(step > 0)) {
    throw new ArgumentError("step", `step is ${String(step)}; expected a positive number`);
  }
  await Promise.all(axes.map((axis) => axis.catchUp({ signal })));
  const steps = new Map(axes.map((axis) => [axis, step ?? usualStep(axis)]));
  const lines = new LiveLines(screen);
  let selected = 0;
  let message = "";
  let moving: Promise<void> | undefined;
  const done = deferred<void>();
  const show = (): void => {
    if (!signal.aborted) lines.show(stepsTable(axes, steps, selected, message, screen.width));
  };
  const go = (axis: Axis, distance: number): void => {
    if (moving) return;
    message = "";
    moving = axis
      .rmove(distance, { signal })
      .then(async () => void (await after?.()))
      .catch((error: unknown) => {
        message = errorSentence(error);
      })
      .finally(() => {
        moving = undefined;
        show();
      });
  };
  const press = ({ name, sequence, ctrl }: Key): void => {
    const axis = axes[selected];
    if (!axis) return;
    const length = steps.get(axis) ?? 0;
    if (name === "q" || name === "escape" || (ctrl && name === "d")) done.resolve();
    else if (name === "left" || name === "right") go(axis, name === "left" ? -length : length);
    else if (name === "up" || name === "down")
      selected = (selected + (name === "up" ? axes.length - 1 : 1)) % axes.length;
    else if (sequence === "+") steps.set(axis, length * 2);
    else if (sequence === "-") steps.set(axis, length / 2);
    else if (name === "s") axis.stop({ signal }).catch(() => {}); // the move tells
    show();
  };
  const leave = keys(press);
  const ways = axes.map((axis) => axis.onPosition(show));
  const onAbort = (): void => done.resolve();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    screen.print(legend);
    show();
    await done.promise;
    leave(); // whoever does not want to wait for the stop has the prompt at once
    for (const axis of axes) if (axis.isMovedHere) await axis.stop();
    await moving;
  } finally {
    signal.removeEventListener("abort", onAbort);
    for (const way of ways) way();
    leave();
  }
}

/** An axis a line, the selected one marked. */
function stepsTable(
  axes: readonly Axis[],
  steps: ReadonlyMap<Axis, number>,
  selected: number,
  message: string,
  width: number,
): string {
  const rows = axes.map((axis) => {
    const step = Number((steps.get(axis) ?? 0).toPrecision(6));
    return [titleOf(axis), positionText(axis, axis.position), `${step}${axis.isMoving ? "  moving" : ""}`] as const;
  });
  const names = Math.max(...rows.map(([name]) => name.length));
  const positions = Math.max(...rows.map(([, position]) => position.length));
  const lines = rows.map(([name, position, step], i) => {
    return `${i === selected ? ">" : " "} ${name.padEnd(names)}  ${position.padStart(positions)}  step ${step}`;
  });
  return [...lines, ...(message ? [message] : [])].map((line) => `${line.slice(0, width)}\n`).join("");
}

function usualStep(axis: Axis): number {
  const { velocity, tolerance } = axis;
  return Number.isFinite(velocity)
    ? Math.max(10 ** Math.round(Math.log10(velocity / 100)), tolerance)
    : 100 * (tolerance || 1e-4);
}
