import type { Clock } from "@beamtime/concurrency";
import type { AcquisitionChain, DeviceLocks, Scan, ScanOptions, ScanSinkFactory } from "@beamtime/core";
import { type Axis, MotionHooksPreset } from "@beamtime/motion";
import type { ScanNumbers } from "@beamtime/publisher";
import { type BasicScanSaving, type EsrfScanSaving, numberedScanSaving } from "@beamtime/scan-saving";
import { type BeamlineIdentity, beamlineSnapshot } from "./beamline-snapshot.js";
import { ScanHistory } from "./scan-history.js";
import { type ScanRegister, SessionScan } from "./session-scan.js";

export interface SessionScansOptions {
  readonly saving: BasicScanSaving | EsrfScanSaving;
  readonly numbers: ScanNumbers;
  readonly locks: DeviceLocks;
  readonly sinks: readonly ScanSinkFactory[];
  readonly axes: readonly Axis[];
  readonly clock: Clock;
  readonly identity: BeamlineIdentity;
}

/** The scans of a session: makes them, knows which run, remembers the last ones. */
export class SessionScans implements ScanRegister {
  /** SCANS. */
  readonly history = new ScanHistory();
  readonly running = new Set<Scan>();
  readonly #options: SessionScansOptions;
  readonly #sinks: ScanSinkFactory[];

  constructor(options: SessionScansOptions) {
    this.#options = options;
    this.#sinks = [...options.sinks];
  }

  /** Another listener for the scans made from now on. Returns the way out. */
  addSink(factory: ScanSinkFactory): () => void {
    this.#sinks.push(factory);
    return () => {
      const index = this.#sinks.indexOf(factory);
      if (index >= 0) this.#sinks.splice(index, 1);
    };
  }

  /** A scan with the sinks and the SCAN_SAVING of now. A `ct` gets no snapshot of the beamline. */
  make(chain: AcquisitionChain, options: ScanOptions = {}, { isCount = false } = {}): Scan {
    const { saving, numbers, locks, axes, clock, identity } = this.#options;
    const settled: ScanOptions = {
      clock,
      scanSaving: numberedScanSaving(saving, numbers),
      locks,
      ...(isCount ? {} : { scanMetadata: (timing) => beamlineSnapshot(identity, axes, timing) }),
      ...options,
      sinks: [...this.#sinks, ...(options.sinks ?? [])],
    };
    const scan = new SessionScan(chain, settled, this);
    scan.addPreset(new MotionHooksPreset(chain));
    return scan;
  }
}
