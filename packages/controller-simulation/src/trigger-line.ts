/** One pulse that went over a {@link TriggerLine}. */
export interface TriggerPulse {
  /** When it was sent, in seconds of the clock of who sends. */
  readonly time: number;
  /** Counts from 0 over the life of the line. */
  readonly index: number;
}

/**
 * A simulated trigger cable: whatever one end sends, all that are plugged in at the other end hear at once, in the order in
 * which they were plugged in.
 *
 * @example
 * const line = new TriggerLine("fast shutter");
 * const unplug = line.onPulse(({ time, index }) => console.log(index, time));
 * line.pulse(clock.now());
 * unplug();
 */
export class TriggerLine {
  readonly name: string;
  readonly #listeners = new Set<{ readonly hear: (pulse: TriggerPulse) => void }>();
  #count = 0;
  #toLose = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Pulses sent so far. */
  get count(): number {
    return this.#count;
  }

  /** A fault on demand: nobody hears the next pulses. They are counted as sent. */
  loseNext(pulses = 1): void {
    this.#toLose += pulses;
  }

  /**
   * Sends a pulse. A listener that throws does not keep the others from hearing it.
   *
   * @param time in seconds of a clock: when the pulse is, which may be a little before the call
   * @throws what a listener threw, or an AggregateError of several
   */
  pulse(time: number): void {
    const pulse: TriggerPulse = { time, index: this.#count++ };
    if (this.#toLose > 0) {
      this.#toLose--;
      return;
    }
    const failures: unknown[] = [];
    for (const { hear } of [...this.#listeners]) {
      try {
        hear(pulse);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, `${failures.length} ends of ${this.name} failed`);
  }

  /** Plugs in. Returns the way out; leaving twice is fine. */
  onPulse(listener: (pulse: TriggerPulse) => void): () => void {
    const entry = { hear: listener };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }
}
