/** What one contender did in one round. */
export interface Measurement {
  /** Seconds of processor time of this process, all threads. */
  readonly cpu: number;
  /** Seconds. */
  readonly wall: number;
}

/** Measures a piece of work. */
export async function measure(work: () => Promise<void>): Promise<Measurement> {
  globalThis.gc?.();
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const wall = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: (user + system) / 1e6, wall };
}

/**
 * Runs contenders one after the other, round by round, so that what else the machine does meets all of them; a first
 * round warms up and does not count.
 *
 * @returns for each contender the median of what it measured
 */
export async function rounds<Name extends string>(
  count: number,
  contenders: Readonly<Record<Name, () => Promise<Measurement>>>,
): Promise<Record<Name, Measurement>> {
  const names = Object.keys(contenders) as Name[]; // the keys of the record
  const measured = new Map<Name, Measurement[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= count; round++) {
    for (const name of names) {
      const measurement = await contenders[name]();
      if (round > 0) measured.get(name)?.push(measurement);
    }
  }
  const medians = names.map((name) => {
    const all = measured.get(name) ?? [];
    return [name, { cpu: median(all.map(({ cpu }) => cpu)), wall: median(all.map(({ wall }) => wall)) }];
  });
  return Object.fromEntries(medians);
}

/** @param fraction 0.5 for the median, 0.99 for the value that one in a hundred exceeds */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
