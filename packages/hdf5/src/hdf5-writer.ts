import { systemClock } from "@beamtime/concurrency";
import type { ScanSinkContext, ScanSinkFactory } from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import { Hdf5Sink } from "./hdf5-sink.js";
import { WriterError } from "./writer-error.js";
import { WriterThread } from "./writer-thread.js";

/** Longest time, in seconds, that points wait before they go to the thread in a message. */
const longestBatchInterval = 0.1;

export interface Hdf5WriterOptions {
  /** Seconds between two flushes: what a killed process may lose. Default 0.5. */
  readonly flushInterval?: number;
  /** Points of a channel that go to the thread at once; fewer wait up to 0.1 s for others. Default 4096. */
  readonly bufferPoints?: number;
  /** Bytes waiting for the disk above which step scans pause. Default 32 MiB. */
  readonly pressureBytes?: number;
  /** Bytes waiting for the disk above which a scan fails. Default 256 MiB. */
  readonly maxPendingBytes?: number;
  /** Bytes that stay free on the disk: a scan fails before, while its entry can be completed. Default 64 MiB. */
  readonly minFreeBytes?: number;
  /** Longest time, in seconds, that closing a file may take before its thread is given up. Default 30. */
  readonly closeTimeout?: number;
  /** Whether each finished scan is forced to the disk, so that it survives a power failure. Default true. */
  readonly fsync?: boolean;
}

const defaults: Required<Hdf5WriterOptions> = {
  flushInterval: 0.5,
  bufferPoints: 4096,
  pressureBytes: 32 * 2 ** 20,
  maxPendingBytes: 256 * 2 ** 20,
  minFreeBytes: 64 * 2 ** 20,
  closeTimeout: 30,
  fsync: true,
};

/** A sink of scans; dispose of it when the last scan is over. */
export interface Hdf5Writer extends ScanSinkFactory, AsyncDisposable {}

/**
 * Writes saved scans to NeXus/HDF5 files, in the layout of BLISS's external writer: an entry `N.1` for scan N in the
 * file `identity.filename`, which grows while the scan runs. Scans that are not saved are ignored.
 *
 * One worker thread, started by the first scan, writes them all: neither HDF5 nor a slow disk delays the scan. A scan
 * fails with a {@link WriterError} when its file is written by another process, has an entry of its number, or cannot
 * be written; with a {@link WriterOverflowError} when it is faster than the disk for too long.
 *
 * @throws ArgumentError when an option is not a positive number
 * @see BLISS `nexus_writer_service`
 */
export function hdf5Writer(options: Hdf5WriterOptions = {}): Hdf5Writer {
  const settings = { ...defaults, ...options };
  for (const [name, value] of Object.entries(settings)) {
    if (typeof value !== "boolean" && !(value > 0)) {
      throw new ArgumentError(name, `${name} is to be a number above 0, not ${value}`);
    }
  }
  return new ThreadedWriter(settings);
}

class ThreadedWriter implements Hdf5Writer {
  readonly name = "hdf5";
  readonly required = true;
  readonly #settings: Required<Hdf5WriterOptions>;
  readonly #threads = new Set<WriterThread>();
  /** The thread for new scans: one in which HDF5 has failed only ends the scans that it has. */
  #current: WriterThread | undefined;
  #scans = 0;
  #isClosed = false;

  constructor(settings: Required<Hdf5WriterOptions>) {
    this.#settings = settings;
  }

  open(context: ScanSinkContext): Hdf5Sink {
    return new Hdf5Sink(context, {
      ...this.#settings,
      batchInterval: Math.min(longestBatchInterval, this.#settings.flushInterval),
      takeThread: (filename) => this.#take(filename),
      giveBack: (thread) => this.#giveBack(thread),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#current = undefined;
    await Promise.all([...this.#threads].map((thread) => this.#end(thread)));
  }

  #take(filename: string): { thread: WriterThread; scan: number } {
    if (!filename) {
      throw new WriterError(
        "",
        "a scan that is saved needs the path of its file: its scanSaving is to give a filename",
      );
    }
    if (this.#isClosed) throw new WriterError(filename, "cannot be written: the writer is closed");
    this.#current ??= this.#start();
    return { thread: this.#current, scan: ++this.#scans };
  }

  #start(): WriterThread {
    const { flushInterval, fsync, minFreeBytes } = this.#settings;
    const thread: WriterThread = new WriterThread({ flushInterval, fsync, minFreeBytes }, () => {
      if (this.#current === thread) this.#current = undefined;
    });
    this.#threads.add(thread);
    return thread;
  }

  async #giveBack(thread: WriterThread): Promise<void> {
    if (thread !== this.#current && thread.scans === 0 && !this.#isClosed) await this.#end(thread);
  }

  /** Lets the thread close its files, if it can in time, and ends it. */
  async #end(thread: WriterThread): Promise<void> {
    if (!this.#threads.delete(thread)) return;
    const timer = new AbortController();
    const timeout = systemClock.sleep(this.#settings.closeTimeout, { signal: timer.signal }).catch(() => {});
    const closed = thread.closeFiles().catch(() => {}); // then its scans have failed
    await Promise.race([closed, timeout]);
    timer.abort();
    await thread.kill("the writer is closed");
  }
}
