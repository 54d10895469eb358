import { AcquisitionChannel, type AcquisitionObject, type NexusRole, type ScanInfo } from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import type { DType } from "@beamtime/protocol";

/** What a scan asks of the counters of one controller. */
export interface CountingParameters {
  /** Seconds per point; a list has one for each point. */
  readonly countTime: number | readonly number[];
  /** Points of the scan; 0 = until it is stopped. */
  readonly npoints: number;
}

/** A device that reads counters, all those of a scan in one call. */
export interface CounterController {
  readonly name: string;
  /** First part of the full names of its counters; with the names of the controllers above it, if any. */
  readonly fullname: string;
  /** As scans lock it; see `LockableDevice`. */
  readonly lockName?: string | null;
  readonly counters: readonly Counter[];
  /** Seconds from the end of one point until the next one can be triggered, which scans on the fly leave. Default 0. */
  readonly deadTime?: number;
  /** What scans tell of the device: `{ type: "mca" }`; often nothing. */
  readonly metadata: ScanInfo;
  /** Called by the constructor of each counter. @throws ArgumentError when the name is taken */
  register(counter: Counter): void;
  /** Puts counters of this controller into a scan. */
  createAcquisitionObject(counters: readonly Counter[], parameters: CountingParameters): AcquisitionObject;
}

export interface CounterOptions {
  readonly name: string;
  readonly unit?: string | undefined;
  /** Short name under which users know it instead. */
  readonly alias?: string | undefined;
  readonly dtype?: DType | undefined;
  /** Shape of one point. Default `[]`, a scalar. */
  readonly shape?: readonly number[] | undefined;
  /** Place among the datasets of its device in files. */
  readonly nexus?: NexusRole | undefined;
}

/**
 * One quantity that a controller can measure.
 *
 * @see BLISS `bliss/common/counter.py`, class `Counter`
 */
export abstract class Counter {
  readonly name: string;
  readonly controller: CounterController;
  readonly unit: string | undefined;
  /** Short name under which users, scans and files know it; a session may give it one. */
  alias: string | undefined;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly nexus: NexusRole | undefined;

  constructor(controller: CounterController, options: CounterOptions) {
    if (!options.name) throw new ArgumentError("name", "a counter needs a name");
    this.name = options.name;
    this.controller = controller;
    this.unit = options.unit;
    this.alias = options.alias;
    this.dtype = options.dtype ?? "float64";
    this.shape = options.shape ?? [];
    this.nexus = options.nexus;
    controller.register(this);
  }

  /** `controller:counter`: unique in a session. */
  get fullname(): string {
    return `${this.controller.fullname}:${this.name}`;
  }

  /** The stream of its points in one scan. */
  createChannel(nexus = this.nexus): AcquisitionChannel {
    return new AcquisitionChannel(this.fullname, this.dtype, this.shape, {
      unit: this.unit,
      alias: this.alias,
      nexus,
    });
  }

  toString(): string {
    return `${this.constructor.name}(${this.fullname})`;
  }
}
