import { AxisCalcError, CalcController, type CalcControllerOptions, type CalcPositions } from "@beamtime/motion";
import { InterpolationTable } from "./interpolation-table.js";

export interface LookupTableOptions extends CalcControllerOptions {
  /** What the columns are: first the role of the calculated axis, then those of the real axes. */
  readonly columns: readonly string[];
  /** Where the real axes are for a position of the calculated one. The calculated one, and the first real axis, must be monotonic. */
  readonly rows: readonly (readonly number[])[];
}

/**
 * An axis that leads one or several real axes along a table, linearly from row to row: an undulator's gap for an energy, lenses
 * that keep a focus. Where it is is told by the first real axis; NaN outside the table.
 */
export class LookupTable extends CalcController {
  readonly #role: string;
  readonly #leader: string;
  #table: InterpolationTable;

  /** @throws ArgumentError when the table does not lead from each position to one and back */
  constructor(options: LookupTableOptions) {
    super(options);
    const [role = "", leader = ""] = options.columns;
    this.#role = role;
    this.#leader = leader;
    this.#table = tableOf(options.columns, options.rows);
  }

  /** Replaces the table. @throws ArgumentError as the constructor, AxisMovingError while the real axes move */
  setRows(rows: readonly (readonly number[])[]): void {
    const table = tableOf(this.#table.columns, rows);
    this.changeCalculation(() => {
      this.#table = table;
    });
  }

  /** Lowest and highest position in the table. */
  get range(): readonly [number, number] {
    return this.#table.range(this.#role);
  }

  calcFromReal(reals: CalcPositions): CalcPositions {
    const leader = reals[this.#leader] ?? Float64Array.of();
    return { [this.#role]: leader.map((position) => this.#table.interpolate(this.#leader, this.#role, position)) };
  }

  calcToReal(pseudos: CalcPositions): CalcPositions {
    const wanted = pseudos[this.#role] ?? Float64Array.of();
    const reals = Object.keys(this.reals);
    return Object.fromEntries(reals.map((role) => [role, wanted.map((position) => this.#at(role, position))]));
  }

  #at(role: string, position: number): number {
    const real = this.#table.interpolate(this.#role, role, position);
    if (!Number.isNaN(real)) return real;
    const axis = this.nameOf(this.#role);
    const [low, high] = this.range;
    const message = `${axis} cannot go to dial ${position}: expected a position from ${low} to ${high}, the table of ${this.name}`;
    throw new AxisCalcError(axis, this.#role, message);
  }
}

function tableOf(columns: readonly string[], rows: readonly (readonly number[])[]): InterpolationTable {
  const table = new InterpolationTable(columns, rows);
  table.checkMonotonic(columns[1] ?? "");
  return table;
}
