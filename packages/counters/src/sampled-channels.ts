import { AcquisitionChannel, type NexusRole } from "@beamtime/core";
import { SampleAccumulator } from "./sample-statistics.js";
import type { SamplingCounter } from "./sampling-counter.js";
import type { SamplingMode } from "./sampling-mode.js";

const statisticNames = ["N", "std", "var", "min", "max", "p2v"] as const;

/** The channels of one sampling counter in one scan, and the samples of the point in progress. */
export class SampledChannels {
  readonly channels: readonly AcquisitionChannel[];
  readonly #counter: SamplingCounter;
  readonly #mode: SamplingMode;
  readonly #main: AcquisitionChannel;
  readonly #extra: readonly AcquisitionChannel[];
  readonly #accumulator = new SampleAccumulator();
  #samples: number[] = [];

  constructor(counter: SamplingCounter) {
    this.#counter = counter;
    this.#mode = counter.mode;
    this.#main = counter.createChannel(this.#role("signal"));
    this.#extra = this.#extraChannels();
    this.channels = [this.#main, ...this.#extra];
  }

  add(raw: number): void {
    const { conversion } = this.#counter;
    const sample = conversion ? conversion(raw) : raw;
    this.#accumulator.add(sample);
    if (this.#mode === "SAMPLES") this.#samples.push(sample);
  }

  /** Emits the point made of the samples, and forgets them. */
  emit(countTime: number, timestamp: number): void {
    const accumulator = this.#accumulator;
    const integral = this.#mode === "INTEGRATE" || this.#mode === "INTEGRATE_STATS" ? countTime : 1;
    const statistics = accumulator.statistics(countTime, timestamp);
    this.#counter.statistics = statistics;
    this.#main.emit(this.#value(integral));
    if (this.#mode === "SAMPLES") {
      this.#extra[0]?.emit(Float64Array.from(this.#samples));
      this.#samples = [];
    } else {
      for (const [i, name] of statisticNames.entries()) {
        const scale = name === "N" ? 1 : name === "var" ? integral * integral : integral;
        this.#extra[i]?.emit(statistics[name] * scale);
      }
    }
    accumulator.reset();
  }

  #value(integral: number): number {
    switch (this.#mode) {
      case "SINGLE":
        return this.#accumulator.first;
      case "LAST":
        return this.#accumulator.last;
      case "MEAN":
      case "STATS":
      case "SAMPLES":
      case "INTEGRATE":
      case "INTEGRATE_STATS":
        return this.#accumulator.mean * integral;
    }
  }

  #extraChannels(): AcquisitionChannel[] {
    const { unit } = this.#counter;
    if (this.#mode === "SAMPLES") return [this.#extraChannel("samples", unit, [0])];
    if (this.#mode !== "STATS" && this.#mode !== "INTEGRATE_STATS") return [];
    return statisticNames.map((name) => {
      if (name === "N") return this.#extraChannel(name, "#");
      return this.#extraChannel(name, name === "var" && unit ? `${unit}^2` : unit);
    });
  }

  #extraChannel(dataset: string, unit: string | undefined, shape: readonly number[] = []): AcquisitionChannel {
    const { fullname, alias } = this.#counter;
    return new AcquisitionChannel(`${fullname}_${dataset}`, "float64", shape, {
      unit,
      alias: alias && `${alias}_${dataset}`,
      nexus: this.#role(dataset),
    });
  }

  #role(dataset: string): NexusRole {
    const { fullname, mode } = this.#counter;
    return { deviceType: "samplingcounter", owner: fullname, dataset, info: { mode } };
  }
}
