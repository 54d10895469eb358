import { ArgumentError } from "@beamtime/errors";
import { Axis, AxisGroup, type MotionOptions, moveTogether, rockit, softAxis } from "@beamtime/motion";
import type { Session } from "@beamtime/session";
import { axesOf, axisPairs } from "./axis-arguments.js";
import { limitsTable, positionsTable, readAxes, statesTable, userPositionsTable } from "./axis-tables.js";
import { type Screen, showPositions } from "./live-positions.js";
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
  /** User and dial positions of all axes of the session. */
  wa(): Promise<void>;
  /** User positions of all axes. */
  wu(): Promise<void>;
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
  const moved =
    (command: string, targetOf: (axis: Axis, value: number) => number, isShown: boolean): Move =>
    async (...values) => {
      const { signal } = session;
      const pairs = axisPairs(command, values);
      await Promise.all(pairs.map(async ([axis]) => await axis.catchUp({ signal })));
      const targets = pairs.map(([axis, value]) => [axis, targetOf(axis, value)] as const);
      const go = (): Promise<void> => moveTogether(targets, { signal });
      if (!isShown) return await go();
      const axes = pairs.map(([axis]) => axis);
      await showPositions(axes, screen, go);
    };
  const absolute = (_: Axis, value: number): number => value;
  const relative = (axis: Axis, value: number): number => axis.target + value;
  const dial = (axis: Axis, value: number): number => axis.sign * value + axis.offset;
  const dialRelative = (axis: Axis, value: number): number => axis.target + axis.sign * value;
  const readAll = (): ReturnType<typeof readAxes> => readAxes(session.axes, session.signal);
  const states = async (command: string, values: readonly unknown[], all?: readonly Axis[]): Promise<void> =>
    screen.print(statesTable(await readAxes(axesOf(command, values, all), session.signal)));
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
      const last = values.at(-1);
      const isWithOptions = typeof last === "object" && last !== null && !(last instanceof Axis);
      const pairs = axisPairs("move", isWithOptions ? values.slice(0, -1) : values);
      const { wait } = (isWithOptions ? last : {}) as MotionOptions; // only `wait` is looked at
      const group = new AxisGroup(pairs.map(([axis]) => axis));
      await group.move(pairs, { signal: session.signal, wait: wait !== false });
    },
    softAxis,
    Group: (...axes) => new AxisGroup(axesOf("Group", axes)),
    wa: async () => screen.print(`\nCurrent positions${positionsTable(await readAll())}`),
    wu: async () => screen.print(`\nCurrent positions${userPositionsTable(await readAll())}`),
    wm: async (...axes) => screen.print(limitsTable(await readAxes(axesOf("wm", axes), session.signal))),
    sta: (...axes) => states("sta", axes, session.axes),
    stm: (...axes) => states("stm", axes),
    lsmot() {
      const names = session.axes.map(({ name }) => name).sort();
      screen.print(names.length === 0 ? "the session has no axes\n" : `\n${columns(names)}\n`);
    },
    async sync(...axes) {
      await Promise.all(axesOf("sync", axes, session.axes).map((axis) => axis.syncHard({ signal: session.signal })));
    },
    async rockit(axis, total, body) {
      const [only] = axesOf("rockit", [axis]);
      if (!only || typeof body !== "function") {
        throw new ArgumentError(
          "body",
          "rockit takes an axis, a length and a function: rockit(roby, 0.2, () => ct(5))",
        );
      }
      return await rockit(only, total, () => body(), { signal: session.signal });
    },
    async tw(...values) {
      const last = values.at(-1);
      const isWithOptions = typeof last === "object" && last !== null && !(last instanceof Axis);
      const axes = axesOf("tw", isWithOptions ? values.slice(0, -1) : values);
      const source = keys();
      if (!source) throw new ArgumentError("tw", "tw needs a keyboard: type it at the prompt, on a terminal");
      const options = (isWithOptions ? last : {}) as TweakOptions; // `tweak` checks them
      await tweak(axes, options, { keys: source, screen, signal: session.signal });
    },
  };
}

/** Names in columns of 80 characters. */
function columns(names: readonly string[]): string {
  const width = Math.max(...names.map(({ length }) => length)) + 2;
  const perLine = Math.max(1, Math.floor(80 / width));
  let text = "";
  for (let i = 0; i < names.length; i += perLine) {
    text += `${names
      .slice(i, i + perLine)
      .map((name) => name.padEnd(width))
      .join("")
      .trimEnd()}\n`;
  }
  return text;
}
