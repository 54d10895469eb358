import { abortable, type Deferred, deferred } from "@beamtime/concurrency";
import { AcquisitionError } from "./acquisition-error.js";
import type { ScanIdentity } from "./scan-event.js";
import type { ScanInfo } from "./scan-info.js";
import { type ScanState, scanStateRank } from "./scan-state.js";

/** What changes while a scan lives: its state and who waits for it, its identity, its info. */
export class ScanLife {
  identity: ScanIdentity | undefined;
  info: ScanInfo;
  /** The user wants no further iteration. */
  #isStopRequested = false;
  readonly #stopRequest = deferred<void>();
  #state: ScanState = "IDLE";
  readonly #waiting = new Map<number, Deferred<void>>();

  constructor(info: ScanInfo) {
    this.info = info;
  }

  get isStopRequested(): boolean {
    return this.#isStopRequested;
  }

  /** Resolves when the user wants no further iteration. */
  get stopRequest(): Promise<void> {
    return this.#stopRequest.promise;
  }

  requestStop(): void {
    this.#isStopRequested = true;
    this.#stopRequest.resolve();
  }

  get state(): ScanState {
    return this.#state;
  }

  /** Goes on to a state. A state is never left for an earlier one. */
  enter(state: ScanState): void {
    if (scanStateRank(state) <= scanStateRank(this.#state)) return;
    this.#state = state;
    for (const [rank, waiting] of this.#waiting) {
      if (rank > scanStateRank(state)) continue;
      this.#waiting.delete(rank);
      waiting.resolve();
    }
  }

  async waitState(state: ScanState, signal: AbortSignal | undefined): Promise<ScanState> {
    const rank = Math.min(scanStateRank(state), scanStateRank("DONE"));
    if (scanStateRank(this.#state) < rank) {
      const waiting = this.#waiting.get(rank) ?? deferred<void>();
      this.#waiting.set(rank, waiting);
      await abortable(waiting.promise, signal);
    }
    return this.#state;
  }

  /** @throws AcquisitionError unless the scan has not started yet */
  assertIdle(scan: string, what: string): void {
    if (this.#state !== "IDLE") {
      throw new AcquisitionError(scan, `${what} is possible before the scan runs only; ${scan} is ${this.#state}`);
    }
  }
}
