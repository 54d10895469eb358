import { type AcquisitionChain, Scan, type ScanOptions } from "@beamtime/core";

/** Where a session keeps its scans. */
export interface ScanRegister {
  /** Those that run, from the call of `run` to its end. */
  readonly running: Set<Scan>;
  /** Those that have run, newest last. */
  readonly history: Scan[];
}

/** A scan of a session, which so knows what it has to abort, from the very call of `run`. */
export class SessionScan extends Scan {
  readonly #register: ScanRegister;

  constructor(chain: AcquisitionChain, options: ScanOptions, register: ScanRegister) {
    super(chain, options);
    this.#register = register;
  }

  override async run(options: { signal?: AbortSignal | undefined } = {}): Promise<this> {
    const { running, history } = this.#register;
    if (this.state !== "IDLE" || running.has(this)) return super.run(options); // a second run, which is refused
    running.add(this);
    try {
      return await super.run(options);
    } finally {
      running.delete(this);
      history.push(this);
    }
  }
}
