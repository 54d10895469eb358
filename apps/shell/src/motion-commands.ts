import { ArgumentError } from "@beamtime/errors";
import {
  type Axis,
  AxisGroup,
  type MotionHook,
  type MotionOptions,
  positionText,
  rockit,
  softAxis,
} from "@beamtime/motion";
import type { Session } from "@beamtime/session";
import { axesOf, axisPairs } from "./axis-arguments.js";
import {
  type AxisReading,
  limitsTable,
  placeOf,
  positionsTable,
  readAxes,
  statesTable,
  userPositionsTable,
} from "./axis-tables.js";
import { showPositions } from "./live-positions.js";
import type { Screen } from "./screen.js";
import { type KeySource, type TweakOptions, tweak } from "./tweak.js";

type Move = (...pairs: unknown[]) => Promise<void>;

/** Commands for axes with the names of BLISS, for the prompt and for scripts. */
export interface MotionCommands {
  /** Moves axes together to positions: `mv(roby, 1, robz, 2)`. Ctrl-C stops them. */
  mv: Move;
  /** The same by distances: `mvr(roby, 0.5)`. */
  mvr: Move;
  /** To dial positions. */
  mvd: Move;
  /** By distances on the dial. */
  mvdr: Move;
  /** As `mv`, showing the positions all the time. */
  umv: Move;
  umvr: Move;
  umvd: Move;
  umvdr: Move;
  /** As `mv`; with `{ wait: false }` at the end it returns when all have started. */
  move: Move;
  /** Axes with one move, one state and one stop: `const table = Group(tx, tz); table.move({ tx: 1, tz: 2 })`. */
  Group(...axes: unknown[]): AxisGroup;
  /** An axis of any object: `softAxis("t", oven, { position: "temperature", move: "setTemperature" })`. */
  softAxis: typeof softAxis;
  /** User and dial positions of all axes of the session, or of those that are named. */
  wa(...axes: unknown[]): Promise<void>;
  /** User positions of all axes, or of those that are named. */
  wu(...axes: unknown[]): Promise<void>;
  /** Positions, limits and offsets of axes. */
  wm(...axes: unknown[]): Promise<void>;
  /** States of all axes, or of those that are named. */
  sta(...axes: unknown[]): Promise<void>;
  /** States of axes. */
  stm(...axes: unknown[]): Promise<void>;
  /** Names of the axes of the session. */
  lsmot(): void;
  /** Takes over what the controllers say of axes, or of all. */
  sync(...axes: unknown[]): Promise<void>;
  /** Rocks an axis around where it is, `total` from end to end, while `body` runs: `rockit(roby, 0.2, () => ct(5))`. */
  rockit(axis: unknown, total: number, body: () => unknown): Promise<unknown>;
  /** Moves axes by steps, key by key: `tw(roby, robz, { step: 0.1 })`. */
  tw(...axes: unknown[]): Promise<void>;
}

export interface MotionCommandsOptions {
  readonly session: Pick<Session, "axes" | "signal">;
  readonly screen: Screen;
  /** The keyboard, where there is a prompt. */
  readonly keys: () => KeySource | undefined;
}

export function motionCommands({ session, screen, keys }: MotionCommandsOptions): MotionCommands {
  /** Tells where axes go, and `begin`s when nothing stands in their way any longer. */
  const go = async (
    pairs: readonly (readonly [Axis, number])[],
    { begin, ...options }: MotionOptions & { readonly begin?: () => void },
  ): Promise<void> => {
    const telling: MotionHook = {
      name: "the prompt",
      preMove(moves) {
        for (const { axis, from, to } of moves) {
          if (Math.abs(to - from) <= axis.tolerance) continue;
          screen.print(`Moving ${axis.name} from ${positionText(axis, from)} to ${placeOf(axis, to)}\n`);
        }
        begin?.();
      },
    };
    const axes = pairs.map(([axis]) => axis);
    await new AxisGroup(axes, { motionHooks: [telling] }).move(pairs, options);
  };
  const moved =
    (command: string, targetOf: (axis: Axis, value: number) => number, isShown: boolean): Move =>
    async (...values) => {
      const { signal } = session;
      const pairs = axisPairs(command, values);
      await Promise.all(pairs.map(async ([axis]) => await axis.catchUp({ signal })));
      const targets = pairs.map(([axis, value]) => [axis, targetOf(axis, value)] as const);
      if (!isShown) return await go(targets, { signal });
      const axes = pairs.map(([axis]) => axis);
      await showPositions(axes, { screen, signal }, (begin) => go(targets, { signal, begin }));
    };
  const absolute = (_: Axis, value: number): number => value;
  const relative = (axis: Axis, value: number): number => axis.target + value;
  const dial = (axis: Axis, value: number): number => axis.sign * value + axis.offset;
  const dialRelative = (axis: Axis, value: number): number => axis.target + axis.sign * value;
  const some = (command: string, values: readonly unknown[]): readonly Axis[] =>
    axesOf(command, values, { known: session.axes });
  const someOrAll = (command: string, values: readonly unknown[]): readonly Axis[] =>
    axesOf(command, values, { known: session.axes, all: session.axes });
  const table = async (axes: readonly Axis[], write: TableWriter): Promise<void> =>
    screen.print(axes.length === 0 ? noAxes : write(await readAxes(axes, session.signal), screen.width));
  return {
    mv: moved("mv", absolute, false),
    mvr: moved("mvr", relative, false),
    mvd: moved("mvd", dial, false),
    mvdr: moved("mvdr", dialRelative, false),
    umv: moved("umv", absolute, true),
    umvr: moved("umvr", relative, true),
    umvd: moved("umvd", dial, true),
    umvdr: moved("umvdr", dialRelative, true),
    async move(...values) {
      const [given, { wait }] = splitOptions<MotionOptions>("move", values, ["wait"]);
      await go(axisPairs("move", given), { signal: session.signal, wait: wait !== false });
    },
    softAxis,
    Group: (...axes) => new AxisGroup(some("Group", axes)),
    wa: (...axes) => table(someOrAll("wa", axes), (...given) => `\nCurrent positions${positionsTable(...given)}`),
    wu: (...axes) => table(someOrAll("wu", axes), (...given) => `\nCurrent positions${userPositionsTable(...given)}`),
    wm: (...axes) => table(some("wm", axes), limitsTable),
    sta: (...axes) => table(someOrAll("sta", axes), statesTable),
    stm: (...axes) => table(some("stm", axes), statesTable),
    lsmot() {
      const names = session.axes.map(({ name }) => name).sort();
      screen.print(names.length === 0 ? noAxes : `\n${columns(names, screen.width)}\n`);
    },
    async sync(...axes) {
      const { signal } = session;
      const ends = await Promise.allSettled(someOrAll("sync", axes).map((axis) => axis.syncHard({ signal })));
      signal.throwIfAborted();
      const errors = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as unknown] : []));
      if (errors.length > 1) throw new AggregateError(errors);
      if (errors.length > 0) throw errors[0];
    },
    async rockit(axis, total, body) {
      const usage = "rockit takes an axis, a length and a function: rockit(roby, 0.2, () => ct(5))";
      const [only] = some("rockit", [axis]);
      if (typeof total !== "number") throw new ArgumentError("total", usage);
      if (!only || typeof body !== "function") throw new ArgumentError("body", usage);
      return await rockit(only, total, () => body(), { signal: session.signal });
    },
    async tw(...values) {
      const [given, options] = splitOptions<TweakOptions>("tw", values, ["step", "after"]);
      const axes = some("tw", given);
      const source = keys();
      if (!source) throw new ArgumentError("tw", "tw needs a keyboard: type it at the prompt, on a terminal");
      await tweak(axes, options, { keys: source, screen, signal: session.signal });
    },
  };
}

type TableWriter = (readings: readonly AxisReading[], width: number) => string;

const noAxes = "the session has no axes\n";

/** Arguments, and the object of options behind them, if any: their values are still to be checked. */
function splitOptions<T extends object>(
  command: string,
  values: readonly unknown[],
  known: readonly (keyof T & string)[],
): readonly [readonly unknown[], Partial<T>] {
  const last = values.at(-1);
  if (typeof last !== "object" || last === null || Object.getPrototypeOf(last) !== Object.prototype)
    return [values, {}];
  const unknown = Object.keys(last).find((key) => !(known as readonly string[]).includes(key)); // to compare with any text
  if (unknown === undefined) return [values.slice(0, -1), last];
  throw new ArgumentError(unknown, `${command} has no option ${unknown}: it knows ${known.join(" and ")}`);
}

/** Names in columns. */
function columns(names: readonly string[], width: number): string {
  const each = Math.max(...names.map(({ length }) => length)) + 2;
  const perLine = Math.max(1, Math.floor(Math.min(width, 80) / each));
  let text = "";
  for (let i = 0; i < names.length; i += perLine) {
    text += `${names
      .slice(i, i + perLine)
      .map((name) => name.padEnd(each))
      .join("")
      .trimEnd()}\n`;
  }
  return text;
}
