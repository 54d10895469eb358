import { errorMessage } from "@beamtime/errors";
import { type Axis, positionText } from "@beamtime/motion";

/** As many axes stand side by side, as in BLISS. */
const columnsPerBlock = 9;

/** What an axis shows in place of a position that cannot be read. */
const broken = "!ERR";

/** One axis and what was read of it just now. */
export interface AxisReading {
  readonly axis: Axis;
  /** Why it could not be read; undefined when it could. */
  readonly error: unknown;
}

/** Asks axes where they are. One that fails is told as such; an abort ends all. @throws the reason of the signal */
export async function readAxes(axes: readonly Axis[], signal: AbortSignal): Promise<readonly AxisReading[]> {
  return await Promise.all(
    axes.map(async (axis) => {
      try {
        if (!axis.isMoving) await axis.readState({ signal });
        return { axis, error: undefined };
      } catch (error) {
        signal.throwIfAborted();
        return { axis, error };
      }
    }),
  );
}

/** `roby[mm]` */
export function titleOf({ name, unit }: Axis): string {
  return unit ? `${name}[${unit}]` : name;
}

/** Lines of values below the names of axes: `rows` of labels, and what stands there for an axis. */
function axisTable(
  readings: readonly AxisReading[],
  rows: readonly (readonly [label: string, cell: (axis: Axis) => string])[],
): string {
  let text = "";
  const labelWidth = Math.max(...rows.map(([label]) => label.length));
  for (let from = 0; from < readings.length; from += columnsPerBlock) {
    const block = readings.slice(from, from + columnsPerBlock).map(({ axis, error }) => ({
      title: titleOf(axis),
      cells: rows.map(([, cell]) => (error === undefined ? cell(axis) : cell(axis) === "" ? "" : broken)),
    }));
    const widths = block.map(({ title, cells }) => Math.max(title.length, ...cells.map(({ length }) => length)));
    const line = (label: string, cells: readonly string[]): string =>
      `${label.padEnd(labelWidth)}  ${cells.map((cell, i) => cell.padStart(widths[i] ?? 0)).join("  ")}`.trimEnd();
    text += `\n${line(
      "",
      block.map(({ title }) => title),
    )}\n`;
    text += `${line(
      "-".repeat(labelWidth),
      widths.map((width) => "-".repeat(width)),
    )}\n`;
    for (const [row, [label]] of rows.entries()) {
      text += `${line(
        label,
        block.map(({ cells }) => cells[row] ?? ""),
      )}\n`;
    }
  }
  return `${text}\n`;
}

/** Current positions; `wa`. */
export function positionsTable(readings: readonly AxisReading[]): string {
  return axisTable(readings, [
    ["user", (axis) => positionText(axis, axis.position)],
    ["dial", (axis) => positionText(axis, axis.dial)],
  ]);
}

/** Current user positions alone; `wu`. */
export function userPositionsTable(readings: readonly AxisReading[]): string {
  return axisTable(readings, [["user", (axis) => positionText(axis, axis.position)]]);
}

/** Positions between their limits; `wm`. */
export function limitsTable(readings: readonly AxisReading[]): string {
  return axisTable(readings, [
    ["User", () => ""],
    ["  high", (axis) => positionText(axis, axis.highLimit)],
    ["  current", (axis) => positionText(axis, axis.position)],
    ["  low", (axis) => positionText(axis, axis.lowLimit)],
    ["Offset", (axis) => positionText(axis, axis.offset)],
    ["Dial", () => ""],
    ["  high", (axis) => positionText(axis, axis.dialLimits[1])],
    ["  current", (axis) => positionText(axis, axis.dial)],
    ["  low", (axis) => positionText(axis, axis.dialLimits[0])],
  ]);
}

/** States; `sta`. */
export function statesTable(readings: readonly AxisReading[]): string {
  const rows = readings.map(({ axis, error }) => [
    axis.name,
    error === undefined ? axis.state.toString() : `${broken} ${errorMessage(error)}`,
  ]);
  const width = Math.max("Axis".length, ...rows.map(([name = ""]) => name.length));
  const lines = [["Axis", "Status"], ["-".repeat(width), "-".repeat("Status".length)], ...rows];
  return `\n${lines.map(([name = "", state = ""]) => `${name.padEnd(width)}  ${state}`).join("\n")}\n\n`;
}
