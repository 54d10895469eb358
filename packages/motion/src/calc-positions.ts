/** Positions by role, as the configuration's `tags` call it: as many for each role, reached one after the other. */
export type CalcPositions<Role extends string = string> = Readonly<Record<Role, Float64Array>>;

/**
 * Calculates point by point, for formulas that are easier to read for one point.
 *
 * @param positions as many for each role
 * @param calc of one point: positions by role, to positions by other roles; the same roles each time
 * @example
 * calcFromReal(reals) {
 *   return eachPoint(reals, ({ front, back }) => ({ hgap: front + back, hoffset: (front - back) / 2 }));
 * }
 */
export function eachPoint<In extends string, Out extends string>(
  positions: CalcPositions<In>,
  calc: (point: Readonly<Record<In, number>>) => Readonly<Record<Out, number>>,
): CalcPositions<Out> {
  const inputs = Object.entries<Float64Array>(positions);
  const length = Math.max(0, ...inputs.map(([, list]) => list.length));
  const outputs = new Map<string, Float64Array>();
  for (let i = 0; i < length; i++) {
    // its keys are those of `positions`
    const point = Object.fromEntries(inputs.map(([role, list]) => [role, list[i] ?? Number.NaN])) as Record<In, number>;
    for (const [role, value] of Object.entries<number>(calc(point))) {
      const list = outputs.get(role) ?? new Float64Array(length).fill(Number.NaN);
      list[i] = value;
      outputs.set(role, list);
    }
  }
  // its keys are those that `calc` returns
  return Object.fromEntries(outputs) as Record<Out, Float64Array>;
}
