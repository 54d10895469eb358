import { ArgumentError } from "@beamtime/errors";
import { Axis, moveTogether } from "@beamtime/motion";
import type { Session } from "@beamtime/session";
import { textTable } from "./text-table.js";

/** Commands for axes with the names of BLISS, for the prompt and for scripts. */
export interface MotionCommands {
  /** Moves axes together to positions: `mv(roby, 1, robz, 2)`. Ctrl-C stops them. */
  mv(...pairs: unknown[]): Promise<void>;
  /** The same by distances: `mvr(roby, 0.5)`. */
  mvr(...pairs: unknown[]): Promise<void>;
  umv(...pairs: unknown[]): Promise<void>;
  umvr(...pairs: unknown[]): Promise<void>;
  /** Positions of all axes of the session. */
  wa(): Promise<void>;
  /** Positions, limits and offsets of axes. */
  wm(...axes: unknown[]): Promise<void>;
}

/** @param print takes the text of tables, lines ended */
export function motionCommands(
  session: Pick<Session, "axes" | "signal">,
  print: (text: string) => void,
): MotionCommands {
  const mv = async (...pairs: unknown[]): Promise<void> =>
    moveTogether(axisPairs("mv", pairs), { signal: session.signal });
  const mvr = async (...pairs: unknown[]): Promise<void> => {
    const distances = axisPairs("mvr", pairs);
    await Promise.all(distances.map(([axis]) => axis.catchUp({ signal: session.signal })));
    const targets = distances.map(([axis, distance]) => [axis, axis.target + distance] as const);
    await moveTogether(targets, { signal: session.signal });
  };
  return {
    mv,
    mvr,
    umv: mv,
    umvr: mvr,
    async wa() {
      const columns = await Promise.all(session.axes.map((axis) => positionsOf(axis, session.signal)));
      const rows = columns.map(({ title, user, dial }) => [title, user, dial]);
      print(textTable([["", "user", "dial"], ...rows]));
    },
    async wm(...axes) {
      if (axes.length === 0 || !axes.every((axis) => axis instanceof Axis)) {
        throw new ArgumentError("axes", "wm takes one axis or more: wm(roby, robz)");
      }
      const columns = await Promise.all(axes.map((axis) => detailsOf(axis, session.signal)));
      const names = ["", "high limit", "user", "low limit", "dial", "offset"];
      print(textTable(names.map((name, row) => [name, ...columns.map((column) => column[row] ?? "")])));
    },
  };
}

function axisPairs(command: string, pairs: readonly unknown[]): [Axis, number][] {
  const usage = `${command} takes pairs of axis and number: ${command}(roby, 1.5, robz, 2)`;
  if (pairs.length === 0 || pairs.length % 2 !== 0) throw new ArgumentError("pairs", usage);
  return Array.from({ length: pairs.length / 2 }, (_, index) => {
    const [axis, value] = pairs.slice(2 * index, 2 * index + 2);
    if (!(axis instanceof Axis)) throw new ArgumentError("axis", `${String(axis)} is not an axis: ${usage}`);
    if (typeof value !== "number") {
      throw new ArgumentError("position", `${axis.name} cannot go to ${String(value)}: ${usage}`);
    }
    return [axis, value];
  });
}

async function positionsOf(
  axis: Axis,
  signal: AbortSignal,
): Promise<{ readonly title: string; readonly user: string; readonly dial: string }> {
  const title = axis.unit ? `${axis.name}[${axis.unit}]` : axis.name;
  try {
    await axis.readPosition({ signal });
    return { title, user: positionText(axis, axis.position), dial: positionText(axis, axis.dial) };
  } catch (error) {
    if (signal.aborted) throw error;
    return { title, user: "!ERR", dial: "!ERR" };
  }
}

async function detailsOf(axis: Axis, signal: AbortSignal): Promise<readonly string[]> {
  const { title, user, dial } = await positionsOf(axis, signal);
  const [high, low, offset] = [axis.highLimit, axis.lowLimit, axis.offset].map((value) => positionText(axis, value));
  return [title, high ?? "", user, low ?? "", dial, offset ?? ""];
}

/** As many digits as the axis can tell apart. */
function positionText(axis: Axis, position: number): string {
  if (!Number.isFinite(position)) return String(position).replace("Infinity", "inf");
  return position.toFixed(Math.min(12, Math.max(0, Math.ceil(-Math.log10(axis.tolerance)))));
}
