import { RecordingError } from "./recording-error.js";
import type { ScanEvent } from "./scan-event.js";
import type { ScanSink, ScanSinkFactory } from "./scan-sink.js";

export interface ScanRecorderOptions {
  /** Bytes of channel data to keep. Default 64 MiB. */
  readonly limit?: number;
  /** Whether a scan that passes the limit fails; else the recording just ends there. Default false. */
  readonly required?: boolean;
}

/**
 * Keeps the events of one scan, to be looked at, written with `encodeScanEvent`, or replayed.
 *
 * @example
 * const recorder = new ScanRecorder();
 * await new Scan(chain, { sinks: [recorder] }).run();
 * const lines = recorder.events.map(encodeScanEvent);
 */
export class ScanRecorder implements ScanSinkFactory {
  readonly name = "recorder";
  readonly required: boolean;
  readonly #limit: number;
  readonly #events: ScanEvent[] = [];
  #bytes = 0;

  constructor({ limit = 64 * 2 ** 20, required = false }: ScanRecorderOptions = {}) {
    this.#limit = limit;
    this.required = required;
  }

  get events(): readonly ScanEvent[] {
    return this.#events;
  }

  /** Forgets what was recorded before. */
  open(): ScanSink {
    this.#events.length = 0;
    this.#bytes = 0;
    return { push: (event) => this.#keep(event), flush: async () => {}, close: async () => {} };
  }

  #keep(event: ScanEvent): void {
    if (event.type === "data") {
      const { data } = event;
      this.#bytes += ArrayBuffer.isView(data) ? data.byteLength : data.reduce((sum, text) => sum + 2 * text.length, 0);
      if (this.#bytes > this.#limit) {
        throw new RecordingError(`the recording has passed its limit of ${this.#limit} bytes: give it a larger one`);
      }
    }
    this.#events.push(event);
  }
}
