/** The samples of one point in figures. With fewer than two samples all but `mean` and `N` are NaN. */
export interface SampleStatistics {
  readonly mean: number;
  readonly N: number;
  /** Of the population: the variance is the mean square distance from the mean. */
  readonly std: number;
  readonly var: number;
  readonly min: number;
  readonly max: number;
  /** Peak to valley: `max - min`. */
  readonly p2v: number;
  /** Seconds. */
  readonly countTime: number;
  /** When the point was complete, seconds since 1970. */
  readonly timestamp: number;
}

/** Gathers samples and their statistics, in one pass by Welford's method; reused from point to point. */
export class SampleAccumulator {
  #n = 0;
  #sum = 0;
  #center = 0;
  #squares = 0;
  #first = Number.NaN;
  #last = Number.NaN;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  reset(): void {
    this.#n = 0;
    this.#sum = 0;
    this.#center = 0;
    this.#squares = 0;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = Number.NEGATIVE_INFINITY;
  }

  add(sample: number): void {
    if (this.#n === 0) this.#first = sample;
    this.#last = sample;
    this.#n++;
    this.#sum += sample;
    const distance = sample - this.#center;
    this.#center += distance / this.#n;
    this.#squares += distance * (sample - this.#center);
    this.#min = Math.min(this.#min, sample);
    this.#max = Math.max(this.#max, sample);
  }

  get first(): number {
    return this.#first;
  }

  get last(): number {
    return this.#last;
  }

  get mean(): number {
    return this.#sum / this.#n;
  }

  statistics(countTime: number, timestamp: number): SampleStatistics {
    const { mean } = this;
    const N = this.#n;
    if (N < 2) {
      const none = Number.NaN;
      return { mean, N, std: none, var: none, min: none, max: none, p2v: none, countTime, timestamp };
    }
    const variance = this.#squares / N;
    const [min, max] = [this.#min, this.#max];
    return { mean, N, std: Math.sqrt(variance), var: variance, min, max, p2v: max - min, countTime, timestamp };
  }
}
