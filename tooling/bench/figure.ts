/** One line of `npm run bench`. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  /** What the value is compared with, in the same unit, measured in the same run where it can be; null for none. */
  readonly reference: number | null;
  /** What the reference is. */
  readonly beside?: string;
  /** For `ratio` = value / reference. */
  readonly target: number | null;
  readonly better: "lower" | "higher";
}

/** Prints a figure as one JSON line, with its ratio. */
export function report(figure: Figure): void {
  const { name, unit, value, reference, beside, target, better } = figure;
  const ratio = reference === null ? null : digits(value / reference);
  const line = { name, unit, value: digits(value), reference: reference === null ? null : digits(reference), ratio };
  console.log(JSON.stringify({ ...line, target, better, ...(beside ? { beside } : {}) }));
}

function digits(value: number): number {
  return Number(value.toPrecision(4));
}
