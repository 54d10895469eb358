import { ArgumentError } from "@beamtime/errors";

/** Columns of numbers, between which values are interpolated linearly. The rows may be in any order. */
export class InterpolationTable {
  readonly columns: readonly string[];
  /** In the order of the first column. */
  readonly rows: readonly (readonly number[])[];
  readonly #values: ReadonlyMap<string, readonly number[]>;

  /**
   * @param rows at least two, each with a finite number for each column
   * @throws ArgumentError
   */
  constructor(columns: readonly string[], rows: readonly (readonly number[])[]) {
    this.columns = columns;
    this.rows = [...rows].sort(([a = 0], [b = 0]) => a - b);
    if (rows.length < 2) throw new ArgumentError("rows", `the table has ${rows.length} rows; expected at least 2`);
    for (const [index, row] of rows.entries()) {
      if (row.length === columns.length && row.every(Number.isFinite)) continue;
      const expected = `expected ${columns.length} finite numbers: ${columns.join(", ")}`;
      throw new ArgumentError("rows", `row ${index + 1} of the table is ${row.join(" ")}; ${expected}`);
    }
    this.#values = new Map(columns.map((column, i) => [column, this.rows.map((row) => row[i] ?? Number.NaN)]));
    this.checkMonotonic(columns[0] ?? "");
  }

  /**
   * Reads a text: a row a line, numbers separated by blanks, commas or semicolons; `#` begins a comment.
   *
   * @throws ArgumentError
   */
  static parse(columns: readonly string[], text: string): InterpolationTable {
    const rows = text
      .split("\n")
      .map((line) => line.replace(/#.*/, "").trim())
      .filter((line) => line !== "")
      .map((line) => line.split(/[\s,;]+/).map(Number));
    return new InterpolationTable(columns, rows);
  }

  /** Lowest and highest value of a column. */
  range(column: string): readonly [number, number] {
    const values = this.#column(column);
    return [Math.min(...values), Math.max(...values)];
  }

  /** @throws ArgumentError when a column both rises and falls along the first one, or stays: nothing leads back from it then */
  checkMonotonic(column: string): void {
    const values = this.#column(column);
    const direction = Math.sign((values.at(-1) ?? 0) - (values[0] ?? 0));
    for (const [index, value] of values.entries()) {
      const before = values[index - 1];
      if (before === undefined || (value - before) * direction > 0) continue;
      const message = `${column} goes from ${before} to ${value} in the table; expected it to ${direction < 0 ? "fall" : "rise"} from row to row`;
      throw new ArgumentError("rows", message);
    }
  }

  /** The value of column `to` where column `from`, a monotonic one, has a value; NaN outside the table. */
  interpolate(from: string, to: string, value: number): number {
    const [x, y] = [this.#column(from), this.#column(to)];
    const isRising = (x.at(-1) ?? 0) > (x[0] ?? 0);
    let [low, high] = [0, x.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      const isBelow = isRising ? value >= (x[middle] ?? 0) : value <= (x[middle] ?? 0);
      if (isBelow) low = middle;
      else high = middle;
    }
    const [x0 = 0, x1 = 0, y0 = 0, y1 = 0] = [x[low], x[high], y[low], y[high]];
    const part = (value - x0) / (x1 - x0);
    const rounding = 1e-9;
    if (!(part >= -rounding && part <= 1 + rounding)) return Number.NaN;
    return y0 + part * (y1 - y0);
  }

  #column(name: string): readonly number[] {
    const values = this.#values.get(name);
    if (values) return values;
    throw new ArgumentError("column", `the table has no ${name}; expected one of ${this.columns.join(", ")}`);
  }
}
