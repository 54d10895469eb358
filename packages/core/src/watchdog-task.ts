import type { AcquisitionChannel, ChannelBlock } from "./acquisition-channel.js";
import { presetGrace } from "./branch-presets.js";
import type { RunScope } from "./run-scope.js";
import type { Scan } from "./scan.js";
import type { WatchdogAnswer, WatchdogCallback } from "./watchdog-callback.js";

/** Runs a watchdog beside its scan. */
export class WatchdogTask {
  readonly #callback: WatchdogCallback;
  readonly #scan: Scan;
  readonly #scope: RunScope;
  readonly #abort = new AbortController();
  readonly #blocks = new Map<AcquisitionChannel, ChannelBlock>();
  #lastData: number;
  #busy: Promise<void> | undefined;

  constructor(callback: WatchdogCallback, scan: Scan, scope: RunScope) {
    this.#callback = callback;
    this.#scan = scan;
    this.#scope = scope;
    this.#lastData = scope.clock.now();
  }

  async start(): Promise<void> {
    await this.#call(() => this.#callback.onScanNew?.(this.#scan, this.#scan.scanInfo));
    this.#lastData = this.#scope.clock.now();
    if (this.#callback.onTimeout) void this.#watchTime(); // never fails, and ends with the signal
  }

  /** Takes note of data; the callback runs soon, in a task of its own. */
  data(block: ChannelBlock): void {
    this.#lastData = this.#scope.clock.now();
    if (!this.#callback.onScanData || this.#abort.signal.aborted) return;
    this.#blocks.set(block.channel, block);
    this.#busy ??= this.#deliver();
  }

  /** Ends the task, waiting for the callback in progress. */
  async stop(): Promise<void> {
    const scope = this.#scope;
    const source = { name: this.#callback.constructor.name, abortGrace: presetGrace };
    if (this.#busy) await scope.settle(scope.track(source, "callback", this.#busy), AbortSignal.abort());
    this.#abort.abort();
  }

  async end(): Promise<void> {
    await this.#callback.onScanEnd?.(this.#scan.scanInfo);
  }

  async #deliver(): Promise<void> {
    await Promise.resolve(); // not in the stack of who emits
    while (this.#blocks.size > 0 && !this.#abort.signal.aborted) {
      const blocks = [...this.#blocks.values()];
      this.#blocks.clear();
      await this.#call(() => this.#callback.onScanData?.(blocks, this.#scan.scanInfo));
    }
    this.#lastData = this.#scope.clock.now();
    this.#busy = undefined;
  }

  async #watchTime(): Promise<void> {
    const { clock } = this.#scope;
    const { signal } = this.#abort;
    const { timeout } = this.#callback;
    while (!signal.aborted) {
      try {
        await clock.sleep(this.#lastData + timeout - clock.now(), { signal });
      } catch {
        return;
      }
      if (this.#busy) {
        await this.#busy;
      } else if (clock.now() - this.#lastData >= timeout - 1e-6) {
        this.#busy = this.#call(() => this.#callback.onTimeout?.()).finally(() => {
          this.#busy = undefined;
        });
        await this.#busy;
        this.#lastData = clock.now();
      }
    }
  }

  /** Whatever the callback throws ends the scan, and the watching. */
  async #call(callback: () => WatchdogAnswer | Promise<WatchdogAnswer>): Promise<void> {
    try {
      if ((await callback()) !== "stop") return;
      this.#scope.stop();
    } catch (error) {
      this.#scope.fail(error, this.#callback.constructor.name);
    }
    this.#abort.abort();
  }
}
