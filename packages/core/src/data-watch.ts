import type { ScanCreatedEvent, ScanDataEvent, ScanDevicesEvent, ScanEndedEvent, ScanEvent } from "./scan-event.js";
import type { ScanSink, ScanSinkContext, ScanSinkFactory } from "./scan-sink.js";
import type { ScanState } from "./scan-state.js";

/** What a display wants to hear of a scan. The methods never run at the same time; each may be asynchronous. */
export interface DataWatch {
  onScanNew?(event: ScanCreatedEvent): void | Promise<void>;
  onDevices?(event: ScanDevicesEvent): void | Promise<void>;
  onState?(state: ScanState): void | Promise<void>;
  /** All data since the last call, in order. */
  onScanData?(events: readonly ScanDataEvent[]): void | Promise<void>;
  onWarning?(source: string, message: string): void | Promise<void>;
  onScanEnd?(event: ScanEndedEvent): void | Promise<void>;
}

/** Data events that wait for a slow watch; older ones are left out beyond that. */
const mostWaiting = 10_000;

/**
 * A sink that calls back from a task of its own: however slow the callbacks are, the scan is not. Its failures become
 * warnings of the scan.
 *
 * @param watch asked once per scan, so that each has its own
 */
export function watchSink(name: string, watch: () => DataWatch): ScanSinkFactory {
  return { name, required: false, open: (context) => new WatchTask(watch(), context) };
}

class WatchTask implements ScanSink {
  readonly #watch: DataWatch;
  readonly #context: ScanSinkContext;
  readonly #others: Exclude<ScanEvent, ScanDataEvent>[] = [];
  #data: ScanDataEvent[] = [];
  #task: Promise<void> | undefined;

  constructor(watch: DataWatch, context: ScanSinkContext) {
    this.#watch = watch;
    this.#context = context;
  }

  push(event: ScanEvent): void {
    if (event.type !== "data") this.#others.push(event);
    else if (this.#watch.onScanData) this.#data.push(event);
    if (this.#data.length > 2 * mostWaiting) this.#data = this.#data.slice(-mostWaiting);
    this.#task ??= this.#deliver();
  }

  async flush(): Promise<void> {
    await this.#task;
  }

  async close(): Promise<void> {
    await this.#task;
  }

  async #deliver(): Promise<void> {
    await Promise.resolve(); // not in the stack of who emits
    try {
      for (;;) {
        // data came before the end, and after the devices
        const other = this.#others[0];
        const endsData = other?.type === "ended" || other?.type === "state";
        if (this.#data.length > 0 && (!other || endsData)) {
          const data = this.#data;
          this.#data = [];
          await this.#watch.onScanData?.(data);
        } else if (other) {
          this.#others.shift();
          await this.#tell(other);
        } else {
          break;
        }
      }
    } catch (error) {
      this.#context.fail(error);
      this.#data = [];
    } finally {
      this.#task = undefined;
    }
  }

  #tell(event: Exclude<ScanEvent, ScanDataEvent>): void | Promise<void> {
    switch (event.type) {
      case "created":
        return this.#watch.onScanNew?.(event);
      case "devices":
        return this.#watch.onDevices?.(event);
      case "state":
        return this.#watch.onState?.(event.state);
      case "warning":
        return this.#watch.onWarning?.(event.source, event.message);
      case "ended":
        return this.#watch.onScanEnd?.(event);
      case "prepared":
      case "deviceEnd":
      case "info":
        return;
    }
  }
}
