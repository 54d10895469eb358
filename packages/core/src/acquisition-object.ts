import { ArgumentError } from "@beamtime/errors";
import type { AcquisitionChannel } from "./acquisition-channel.js";
import type { AcquisitionContext } from "./acquisition-context.js";
import type { AcquisitionMaster } from "./acquisition-master.js";
import type { LockableDevice } from "./device-locks.js";
import type { ScanInfo } from "./scan-info.js";

/** `software`: the master calls `trigger`; `hardware`: a cable does. */
export type TriggerType = "software" | "hardware";

export interface AcquisitionObjectOptions {
  /** Name of the node in the data tree. */
  readonly name: string;
  /** Points expected; 0 = until stopped. Default 1. */
  readonly npoints?: number;
  readonly triggerType?: TriggerType;
  /** `prepare` only before the first iteration. Default false. */
  readonly prepareOnce?: boolean;
  /** `start` only at the first iteration. Default false. */
  readonly startOnce?: boolean;
  /** What the object stands for (counters, axes, controllers): found again by `chain.getNodeFromDevices`. */
  readonly devices?: readonly unknown[];
  /** Those that no other scan may use meanwhile: axes, controllers. */
  readonly exclusive?: readonly LockableDevice[];
  /** Seconds that a phase may go on after it was aborted, before the object is abandoned. Default 10. */
  readonly abortGrace?: number;
  /**
   * Seconds without a point after which the scan fails with a `MissingPointsError`: once nothing triggers the object any more
   * (its master has ended, all triggers were given), while its `reading` waits for more. Say what a point takes, and a margin.
   * Default 60 where hardware triggers it, else no limit. There is none either with `npoints` 0, or without channels.
   */
  readonly pointTimeout?: number;
}

/**
 * Adapter that puts one device into one scan: created for it, used once, owner of its channels.
 *
 * The engine guarantees: prepared before started, slaves before masters; stopped masters before slaves, always, also
 * when only `prepare` was entered, so `stop` must stand not having been started.
 *
 * @see BLISS `bliss/scanning/chain.py`
 */
export abstract class AcquisitionObject {
  readonly name: string;
  readonly npoints: number;
  readonly triggerType: TriggerType;
  readonly prepareOnce: boolean;
  readonly startOnce: boolean;
  readonly devices: readonly unknown[];
  readonly exclusive: readonly LockableDevice[];
  readonly abortGrace: number;
  readonly pointTimeout: number;
  /** In the order in which they are announced; filled in the constructor of the subclass. */
  readonly channels: AcquisitionChannel[] = [];
  /** Set by the chain. */
  parent: AcquisitionMaster | undefined;

  constructor(options: AcquisitionObjectOptions) {
    const { npoints = 1, abortGrace = 10 } = options;
    if (!options.name) throw new ArgumentError("name", "an acquisition object needs a name");
    if (!Number.isInteger(npoints) || npoints < 0) {
      throw new ArgumentError(
        "npoints",
        `npoints of ${options.name} is ${npoints}; expected 0 (endless) or a positive integer`,
      );
    }
    if (!(abortGrace >= 0)) {
      throw new ArgumentError(
        "abortGrace",
        `abortGrace of ${options.name} is ${abortGrace}; expected seconds, 0 or more`,
      );
    }
    const { triggerType = "software" } = options;
    const { pointTimeout = triggerType === "hardware" ? 60 : Number.POSITIVE_INFINITY } = options;
    if (!(pointTimeout >= 0)) {
      throw new ArgumentError(
        "pointTimeout",
        `pointTimeout of ${options.name} is ${pointTimeout}; expected seconds, 0 or more, or Infinity`,
      );
    }
    this.name = options.name;
    this.npoints = npoints;
    this.triggerType = triggerType;
    this.prepareOnce = options.prepareOnce ?? false;
    this.startOnce = options.startOnce ?? false;
    this.devices = options.devices ?? [];
    this.exclusive = options.exclusive ?? [];
    this.abortGrace = abortGrace;
    this.pointTimeout = pointTimeout;
  }

  /** Writes controller parameters, once, before anything is prepared. */
  applyParameters?(context: AcquisitionContext): void | Promise<void>;

  /** Brings the device to "ready to start"; axes move to their first position here. Must not emit. */
  abstract prepare(context: AcquisitionContext): void | Promise<void>;

  /** Arms the device, or starts it if it is its own source of triggers. */
  abstract start(context: AcquisitionContext): void | Promise<void>;

  /** One measurement; may last as long as a point. */
  trigger?(context: AcquisitionContext): void | Promise<void>;

  /** Whether a new trigger is acceptable. Must not wait. */
  triggerReady(): boolean {
    return true;
  }

  /** Resolves when a new prepare or start is acceptable. */
  waitReady(_context: AcquisitionContext): void | Promise<void> {}

  /**
   * Emits points until done: runs beside the other phases, ends by itself after `npoints` or once `stop` was called.
   * An object without it emits from `trigger`.
   */
  reading?(context: AcquisitionContext): Promise<void>;

  /** Stops the device and makes `reading` end. Called once, whatever happened before. */
  abstract stop(context: AcquisitionContext): void | Promise<void>;

  /**
   * One value per iteration of the branch; an object without it lasts one iteration as top master, and as long as its
   * parent below one. Below a master it starts anew at each iteration of the parent.
   */
  iterations?(): Iterable<unknown> | AsyncIterable<unknown>;

  /** What is known of its channels beforehand (`start`, `stop`, `points`, …), by full name, for scan_info. */
  channelInfo?(): { readonly [fullname: string]: ScanInfo };

  /** What the device tells of itself, for scan_info and files. */
  metadata?(timing: "start" | "prepared" | "end"): ScanInfo | undefined | Promise<ScanInfo | undefined>;
}
