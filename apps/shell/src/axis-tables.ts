import { type Axis, positionText } from "@beamtime/motion";
import { errorSentence } from "./error-report.js";

/** At most as many axes stand side by side, as in BLISS. */
const mostColumns = 9;

/** Between two columns. */
const gap = "  ";

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

/** A position with its unit: `1.5000 mm` */
export function placeOf(axis: Axis, position = axis.position): string {
  return `${positionText(axis, position)}${axis.unit ? ` ${axis.unit}` : ""}`;
}

/** A label, and what stands there for an axis. */
type Row = readonly [label: string, cell: (axis: Axis) => string];

interface Column {
  readonly title: string;
  readonly cells: readonly string[];
  readonly width: number;
}

/** Lines of values below the names of axes, in blocks that fit into `width` characters. */
function axisTable(readings: readonly AxisReading[], rows: readonly Row[], width: number): string {
  const labelWidth = Math.max(...rows.map(([label]) => label.length));
  const columns = readings.map(({ axis, error }): Column => {
    const title = titleOf(axis);
    const cells = rows.map(([, cell]) => (error === undefined || cell(axis) === "" ? cell(axis) : broken));
    return { title, cells, width: Math.max(title.length, ...cells.map(({ length }) => length)) };
  });
  let text = "";
  for (const block of blocksOf(columns, width - labelWidth)) {
    const line = (label: string, cell: (column: Column) => string): string =>
      `${[label.padEnd(labelWidth), ...block.map((column) => cell(column).padStart(column.width))].join(gap).trimEnd()}\n`;
    text += `\n${line("", ({ title }) => title)}`;
    text += line("-".repeat(labelWidth), (column) => "-".repeat(column.width));
    for (const [row, [label]] of rows.entries()) text += line(label, ({ cells }) => cells[row] ?? "");
  }
  return `${text}\n`;
}

function blocksOf(columns: readonly Column[], width: number): readonly Column[][] {
  const blocks: Column[][] = [];
  let left = 0;
  for (const column of columns) {
    const last = blocks.at(-1);
    left -= gap.length + column.width;
    if (last && left >= 0 && last.length < mostColumns) last.push(column);
    else {
      blocks.push([column]);
      left = width - gap.length - column.width;
    }
  }
  return blocks;
}

const user: Row = ["user", (axis) => positionText(axis, axis.position)];
const dial: Row = ["dial", (axis) => positionText(axis, axis.dial)];

/** Current positions; `wa`. */
export function positionsTable(readings: readonly AxisReading[], width: number): string {
  return axisTable(readings, [user, dial], width);
}

/** Current user positions alone; `wu`. */
export function userPositionsTable(readings: readonly AxisReading[], width: number): string {
  return axisTable(readings, [user], width);
}

/** Positions between their limits; `wm`. */
export function limitsTable(readings: readonly AxisReading[], width: number): string {
  const rows: readonly Row[] = [
    ["User", () => ""],
    [" High", (axis) => positionText(axis, axis.highLimit)],
    [" Current", (axis) => positionText(axis, axis.position)],
    [" Low", (axis) => positionText(axis, axis.lowLimit)],
    ["Offset", (axis) => positionText(axis, axis.offset)],
    ["Dial", () => ""],
    [" High", (axis) => positionText(axis, axis.dialLimits[1])],
    [" Current", (axis) => positionText(axis, axis.dial)],
    [" Low", (axis) => positionText(axis, axis.dialLimits[0])],
  ];
  return axisTable(readings, rows, width);
}

/** States; `sta`. */
export function statesTable(readings: readonly AxisReading[]): string {
  const rows = readings.map(({ axis, error }): readonly [string, string] => [
    axis.name,
    error === undefined || axis.disabled ? axis.state.toString() : `${broken} ${errorSentence(error)}`,
  ]);
  const names = Math.max(...["Axis", ...rows.map(([name]) => name)].map(({ length }) => length));
  const states = Math.max(...["Status", ...rows.map(([, state]) => state)].map(({ length }) => length));
  const lines = [["Axis", "Status"], ["-".repeat(names), "-".repeat(Math.min(states, 60))], ...rows];
  return `\n${lines.map(([name = "", state = ""]) => `${name.padEnd(names)}${gap}${state}`).join("\n")}\n\n`;
}
