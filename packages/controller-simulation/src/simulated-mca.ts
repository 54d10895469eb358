import type { Clock } from "@beamtime/concurrency";
import type { ScanInfo } from "@beamtime/core";
import { type CounterOptions, type CounterPoints, IntegratingCounter } from "@beamtime/counters";
import { RandomSource } from "./random-source.js";
import { SimulatedIntegration } from "./simulated-integration.js";

export interface SimulatedMcaOptions {
  readonly name: string;
  /** Elements, each with counters of its own. Default 4, as those of BLISS. */
  readonly detectors?: number | undefined;
  /** Channels of a spectrum. Default 1024. */
  readonly bins?: number | undefined;
  /** Counts per second of a detector, in all bins together. Default 100000. */
  readonly rate?: number | undefined;
  /** Seconds that reading its spectra takes after each point. Default 0. */
  readonly deadTime?: number | undefined;
  readonly seed?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** What a detector counts beside its spectrum: names of counters, with those in files. */
const statistics = {
  realtime: { dataset: "elapsed_time", unit: "s" },
  trigger_livetime: { dataset: "trigger_live_time", unit: "s" },
  energy_livetime: { dataset: "live_time", unit: "s" },
  triggers: { dataset: "triggers", dtype: "int64" },
  events: { dataset: "events", dtype: "int64" },
  icr: { dataset: "trigger_count_rate", unit: "hertz" },
  ocr: { dataset: "event_count_rate", unit: "hertz" },
  deadtime: { dataset: "fractional_dead_time" },
} as const;

type Statistic = keyof typeof statistics;

interface Measurement extends Readonly<Record<Statistic, number>> {
  readonly spectrum: Uint32Array;
}

/** Parts of the real time in which the fast and the slow electronics are not busy. */
const fastLive = 0.9;
const slowLive = 0.7;

/**
 * A multi-channel analyser whose detectors see two lines on a falling background, with counting noise.
 *
 * Counters of each detector, with its number: `spectrum_det0` (uint32, one value per bin), `realtime_det0`,
 * `trigger_livetime_det0` and `energy_livetime_det0` (s), `triggers_det0`, `events_det0`, `icr_det0` and `ocr_det0`
 * (input and output rate, 1/s), `deadtime_det0` (a fraction).
 *
 * @see BLISS `bliss/controllers/mca/simulation.py`, class `SimulatedMCA`
 */
export class SimulatedMca extends SimulatedIntegration {
  readonly #profile: Float64Array;
  readonly #random: RandomSource;
  /** What each counter is of. */
  readonly #meaning = new Map<IntegratingCounter, { detector: number; quantity: keyof Measurement }>();

  constructor({ name, detectors = 4, bins = 1024, rate = 1e5, deadTime = 0, seed, clock }: SimulatedMcaOptions) {
    super(name, clock);
    this.deadTime = deadTime;
    this.#random = new RandomSource(seed ?? name);
    this.#profile = lines(bins, rate);
    const elements = Array.from({ length: detectors }, (_, detector) => detector);
    const add = (detector: number, quantity: keyof Measurement, options: Partial<CounterOptions>, dataset: string) => {
      const nexus = { deviceType: "mca", owner: `${name}:det${detector}`, dataset };
      const counter = new IntegratingCounter(this, { name: `${quantity}_det${detector}`, nexus, ...options });
      this.#meaning.set(counter, { detector, quantity });
    };
    for (const detector of elements) add(detector, "spectrum", { dtype: "uint32", shape: [bins] }, "spectrum");
    for (const detector of elements) {
      for (const [quantity, { dataset, ...options }] of Object.entries(statistics)) {
        add(detector, quantity as Statistic, options, dataset); // the keys of `statistics`
      }
    }
  }

  override get metadata(): ScanInfo {
    return { type: "mca" };
  }

  protected override integrate(
    countTimes: readonly number[],
    counters: readonly IntegratingCounter[],
  ): readonly CounterPoints[] {
    const measured: (Measurement[] | undefined)[] = []; // by detector
    return counters.map((counter) => {
      const { detector, quantity } = this.#meaning.get(counter) ?? { detector: 0, quantity: "spectrum" };
      measured[detector] ??= countTimes.map((countTime) => this.#measure(countTime));
      const points = measured[detector];
      return quantity === "spectrum" ? points.map(({ spectrum }) => spectrum) : points.map((point) => point[quantity]);
    });
  }

  /** Poisson's distribution is near enough to the normal one, with the square root of the mean as its width. */
  #measure(realtime: number): Measurement {
    const spectrum = Uint32Array.from(this.#profile, (rate) => {
      const mean = rate * realtime;
      return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.#random.normal()));
    });
    const events = spectrum.reduce((a, b) => a + b, 0);
    const trigger_livetime = fastLive * realtime;
    const energy_livetime = slowLive * realtime;
    const triggers = Math.round((events / slowLive) * fastLive);
    const icr = realtime > 0 ? triggers / trigger_livetime : 0;
    const ocr = realtime > 0 ? events / realtime : 0;
    const deadtime = icr > 0 ? 1 - ocr / icr : 0;
    return { spectrum, realtime, trigger_livetime, energy_livetime, triggers, events, icr, ocr, deadtime };
  }
}

/** Counts per second of each bin: two lines on a background that falls. */
function lines(bins: number, rate: number): Float64Array {
  const line = (bin: number, place: number): number => Math.exp(-(((bin / bins - place) / 0.01) ** 2) / 2);
  const shape = Float64Array.from({ length: bins }, (_, bin) => {
    return line(bin, 0.3) + 0.4 * line(bin, 0.55) + 0.05 * Math.exp((-3 * bin) / bins);
  });
  const total = shape.reduce((a, b) => a + b, 0);
  return shape.map((part) => (part / total) * rate);
}
