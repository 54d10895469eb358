import type { Clock } from "@beamtime/concurrency";
import type { ScanInfo } from "@beamtime/core";
import { type CounterPoints, IntegratingCounter } from "@beamtime/counters";
import { RandomSource } from "./random-source.js";
import { SimulatedIntegration } from "./simulated-integration.js";

export interface SimulatedMcaOptions {
  readonly name: string;
  /** Channels of the spectrum. Default 1024. */
  readonly bins?: number | undefined;
  /** Counts per second, in all bins together. Default 100000. */
  readonly rate?: number | undefined;
  readonly seed?: number | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * A multi-channel analyser with one detector that sees two lines on a falling background, with counting noise.
 * Counters: `spectrum_det0` (uint32, one value per bin), `realtime_det0` (s) and `events_det0`.
 */
export class SimulatedMca extends SimulatedIntegration {
  readonly spectrum: IntegratingCounter;
  readonly realtime: IntegratingCounter;
  readonly events: IntegratingCounter;
  readonly #profile: Float64Array;
  readonly #random: RandomSource;

  constructor({ name, bins = 1024, rate = 1e5, seed, clock }: SimulatedMcaOptions) {
    super(name, clock);
    this.#random = new RandomSource(seed ?? name);
    this.#profile = lines(bins, rate);
    const nexus = (dataset: string) => ({ deviceType: "mca", owner: `${name}:det0`, dataset });
    this.spectrum = new IntegratingCounter(this, {
      name: "spectrum_det0",
      dtype: "uint32",
      shape: [bins],
      nexus: nexus("spectrum"),
    });
    this.realtime = new IntegratingCounter(this, { name: "realtime_det0", unit: "s", nexus: nexus("elapsed_time") });
    this.events = new IntegratingCounter(this, { name: "events_det0", nexus: nexus("events") });
  }

  override get metadata(): ScanInfo {
    return { type: "mca" };
  }

  protected override integrate(
    countTimes: readonly number[],
    counters: readonly IntegratingCounter[],
  ): readonly CounterPoints[] {
    const spectra = countTimes.map((countTime) => this.#measure(countTime));
    return counters.map((counter) => {
      if (counter === this.spectrum) return spectra;
      return counter === this.realtime ? countTimes : spectra.map((spectrum) => spectrum.reduce((a, b) => a + b, 0));
    });
  }

  /** Poisson's distribution is near enough to the normal one, with the square root of the mean as its width. */
  #measure(countTime: number): Uint32Array {
    return Uint32Array.from(this.#profile, (rate) => {
      const mean = rate * countTime;
      return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.#random.normal()));
    });
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
