import { type Clock, systemClock } from "@beamtime/concurrency";
import type { AcquisitionObject, ScanInfo } from "@beamtime/core";
import { Counter, type CounterController, type CountingParameters } from "@beamtime/counters";
import { ArgumentError } from "@beamtime/errors";
import type { Axis } from "@beamtime/motion";
import { CameraAcquisitionSlave } from "./camera-acquisition-slave.js";
import { RandomSource } from "./random-source.js";
import type { TriggerLine } from "./trigger-line.js";
import { isTriggerOutput } from "./trigger-output.js";

/** What a camera has seen in one exposure. */
export interface CameraFrame {
  /** Counts from 0 in each acquisition. */
  readonly frame: number;
  /** The image summed over its rows, a value for each column. */
  readonly profile: Uint32Array;
  /** Of all pixels. */
  readonly sum: number;
}

export interface SimulatedCameraOptions {
  readonly name: string;
  /** Columns of the image. Default 64. */
  readonly width?: number | undefined;
  /** Counts per second in the whole image. Default 10⁵. */
  readonly rate?: number | undefined;
  /** Makes noise repeatable. Default: from the name. */
  readonly seed?: number | undefined;
  /** What is plugged into its trigger input. Default nothing. */
  readonly line?: TriggerLine | undefined;
  readonly clock?: Clock | undefined;
}

class CameraCounter extends Counter {}

/**
 * A camera that looks at a round spot in the middle of its image, with counting noise. It takes one frame at a time: while it
 * exposes, a trigger is an error.
 *
 * Counters: `frame` (number, from 0), `profile` (one value for each column), `sum`.
 */
export class SimulatedCamera implements CounterController {
  readonly name: string;
  /** Each process has its own. */
  readonly lockName = null;
  /** Seconds beyond exposure and latency after which a frame that nothing triggers any more is missed. */
  pointMargin = 10;
  readonly counters: readonly Counter[];
  readonly clock: Clock;
  readonly line: TriggerLine | undefined;
  readonly #spot: Float64Array;
  readonly #random: RandomSource;

  constructor({ name, width = 64, rate = 1e5, seed, line, clock = systemClock }: SimulatedCameraOptions) {
    if (!name) throw new ArgumentError("name", "a camera needs a name");
    if (!Number.isInteger(width) || width < 1 || width > 65_536) {
      throw new ArgumentError("width", `width of ${name} is ${width}; expected columns, an integer from 1 to 65536`);
    }
    this.name = name;
    this.line = line;
    this.clock = clock;
    this.#random = new RandomSource(seed ?? name);
    const spot = Float64Array.from({ length: width }, (_, x) => Math.exp(-(((x + 0.5) / width - 0.5) ** 2) / 0.02));
    const total = spot.reduce((a, b) => a + b, 0);
    this.#spot = spot.map((part) => (part / total) * rate);
    this.counters = [
      new CameraCounter(this, { name: "frame", dtype: "int32" }),
      new CameraCounter(this, { name: "profile", dtype: "uint32", shape: [width] }),
      new CameraCounter(this, { name: "sum" }),
    ];
  }

  get fullname(): string {
    return this.name;
  }

  get metadata(): ScanInfo {
    return {};
  }

  /** Nothing to do: it knows its counters. */
  register(): void {}

  /** What is on the sensor after an exposure, s. */
  frameOf(frame: number, exposure: number): CameraFrame {
    const profile = Uint32Array.from(this.#spot, (rate) => {
      const mean = rate * exposure; // Poisson's distribution is near enough to the normal one
      return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.#random.normal()));
    });
    return { frame, profile, sum: profile.reduce((a, b) => a + b, 0) };
  }

  /** A frame a point, each started by software. */
  createAcquisitionObject(counters: readonly Counter[], parameters: CountingParameters): AcquisitionObject {
    return this.#slave("INTERNAL_TRIGGER_MULTI", counters, parameters);
  }

  /** Whether its trigger input is plugged into the trigger output of an axis. */
  isTriggeredBy(axis: Axis): boolean {
    return isTriggerOutput(this.line, axis);
  }

  /** A frame a point, each started by a pulse. */
  createTriggeredObject(counters: readonly Counter[], parameters: CountingParameters): AcquisitionObject {
    return this.#slave("EXTERNAL_TRIGGER_MULTI", counters, parameters);
  }

  #slave(
    mode: "INTERNAL_TRIGGER_MULTI" | "EXTERNAL_TRIGGER_MULTI",
    counters: readonly Counter[],
    { countTime, npoints }: CountingParameters,
  ): AcquisitionObject {
    if (typeof countTime !== "number") {
      throw new ArgumentError("countTime", `countTime of ${this.name} is a list; expected one time for all frames, s`);
    }
    if (!(countTime > 0)) {
      throw new ArgumentError("countTime", `countTime of ${this.name} is ${countTime}; expected seconds, more than 0`);
    }
    const given = { acq_nb_frames: npoints, acq_expo_time: countTime, acq_trigger_mode: mode };
    return new CameraAcquisitionSlave(this, given, counters);
  }
}
