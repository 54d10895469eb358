import { deferred } from "@beamtime/concurrency";
import { ArgumentError, errorMessage } from "@beamtime/errors";
import { type Axis, positionText } from "@beamtime/motion";
import { titleOf } from "./axis-tables.js";
import type { Screen } from "./live-positions.js";

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

const legend = "left/right: a step   up/down: another axis   + and -: longer and shorter steps   s: stop   q: end\n";

/** Moves axes by steps, key by key, until `q`. @throws ArgumentError for a step that is none */
export async function tweak(
  axes: readonly Axis[],
  { step, after }: TweakOptions,
  parts: { readonly keys: KeySource; readonly screen: Screen; readonly signal: AbortSignal },
): Promise<void> {
  const { keys, screen, signal } = parts;
  if (step !== undefined && !(step > 0)) throw new ArgumentError("step", `step is ${step}; expected a positive number`);
  await Promise.all(axes.map((axis) => axis.catchUp({ signal })));
  const steps = new Map(axes.map((axis) => [axis, step ?? usualStep(axis)]));
  let selected = 0;
  let message = "";
  let isShown = false;
  let moving: Promise<void> | undefined;
  const done = deferred<void>();
  const show = (): void => {
    const parts = axes.map((axis, i) => {
      const length = String(Number((steps.get(axis) ?? 0).toPrecision(6)));
      const text = `${titleOf(axis)} ${positionText(axis, axis.position)} (step ${length})`;
      return i === selected ? `[${text}]` : ` ${text} `;
    });
    screen.print(`${isShown && screen.isTerminal ? "\x1b[1A\x1b[J" : ""}${parts.join("  ")}  ${message}\n`);
    isShown = true;
  };
  const go = (axis: Axis, distance: number): void => {
    if (moving) return;
    message = "";
    moving = axis
      .rmove(distance, { signal })
      .then(async () => void (await after?.()))
      .catch((error: unknown) => {
        message = errorMessage(error);
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
    if (name === "q" || name === "escape" || (ctrl && (name === "c" || name === "d"))) done.resolve();
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
    for (const axis of axes) if (axis.isMovedHere) await axis.stop();
    await moving;
  } finally {
    signal.removeEventListener("abort", onAbort);
    for (const way of ways) way();
    leave();
  }
}

function usualStep(axis: Axis): number {
  const { velocity, tolerance } = axis;
  return Number.isFinite(velocity)
    ? Math.max(10 ** Math.round(Math.log10(velocity / 100)), tolerance)
    : 100 * tolerance;
}
