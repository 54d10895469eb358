import { abortable, type Deferred, deferred, systemClock } from "@beamtime/concurrency";
import type { ScanEvent, ScanSink, ScanSinkContext } from "@beamtime/core";
import { EventBatch, eventBytes } from "./event-batch.js";
import { WriterOverflowError } from "./writer-overflow-error.js";
import type { WriterThread } from "./writer-thread.js";

/** Bytes of data that are worth a message of their own. */
const batchBytes = 2 ** 20;

/** Events of which nothing is in the file. */
const notWritten: ReadonlySet<ScanEvent["type"]> = new Set(["state", "deviceEnd", "warning"]);

/** What a sink needs of the writer that it belongs to. */
export interface SinkSettings {
  /** Longest time, in seconds, that points wait for others before they go to the thread. */
  readonly batchInterval: number;
  readonly bufferPoints: number;
  readonly pressureBytes: number;
  readonly maxPendingBytes: number;
  readonly closeTimeout: number;
  /** The thread that is to write a new scan, and the number of the scan there. */
  takeThread(filename: string): { readonly thread: WriterThread; readonly scan: number };
  /** Called when a scan is done with its thread. */
  giveBack(thread: WriterThread): Promise<void>;
}

/** Sends the events of one scan to the thread that writes them. */
export class Hdf5Sink implements ScanSink {
  readonly #context: ScanSinkContext;
  readonly #settings: SinkSettings;
  readonly #batch = new EventBatch();
  #filename = "";
  #target: { readonly thread: WriterThread; readonly scan: number } | undefined;
  #failure: { readonly error: unknown } | undefined;
  #hasOverflown = false;
  /** Bytes in the batch and under way. */
  #pending = 0;
  #room: Deferred<void> | undefined;
  #timer: AbortController | undefined;

  constructor(context: ScanSinkContext, settings: SinkSettings) {
    this.#context = context;
    this.#settings = settings;
  }

  push(event: ScanEvent): void {
    // a scan whose SCAN_SAVING has the writer `null` counts as saved, and has no file
    if (event.type === "created" && event.identity.saved && event.info["data_writer"] !== "null") {
      this.#begin(event.identity.filename);
    }
    if (!this.#target || this.#failure || notWritten.has(event.type)) return;
    if (event.type === "data" && !this.#hasRoom(event)) return;
    this.#pending += eventBytes(event);
    this.#batch.add(event);
    const isUrgent = this.#batch.longest >= this.#settings.bufferPoints || this.#batch.bytes >= batchBytes;
    if (event.type !== "data" || isUrgent) this.#send();
    else if (!this.#timer) this.#startTimer();
  }

  pressure(): Promise<void> | undefined {
    if (this.#pending < this.#settings.pressureBytes || this.#failure) return undefined;
    this.#room ??= deferred<void>();
    return this.#room.promise;
  }

  async flush({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    if (this.#failure) throw this.#failure.error;
    if (!this.#target) return;
    this.#send();
    const { thread, scan } = this.#target;
    await abortable(thread.request(this.#filename, { type: "flush", scan }), signal);
  }

  async close(): Promise<void> {
    const target = this.#target;
    if (!target) return;
    this.#send();
    this.#target = undefined;
    const { thread, scan } = target;
    const { closeTimeout } = this.#settings;
    const timer = new AbortController();
    const timeout = systemClock.sleep(closeTimeout, { signal: timer.signal }).then(
      () => thread.kill(`its thread did not answer for ${closeTimeout} s`),
      () => {},
    );
    try {
      await thread.request(this.#filename, { type: "close", scan });
    } catch (error) {
      if (!this.#failure) throw error;
    } finally {
      timer.abort();
      thread.detach(scan);
      await timeout;
      await this.#settings.giveBack(thread);
    }
  }

  #begin(filename: string): void {
    this.#filename = filename;
    this.#target = this.#settings.takeThread(filename);
    this.#target.thread.attach(this.#target.scan, {
      filename,
      send: () => this.#send(),
      failed: (error) => this.#fail(error),
      warn: (message) => this.#context.warn(message),
    });
  }

  /** After an overflow nothing more is taken but the end: the file has no holes. */
  #hasRoom(event: ScanEvent): boolean {
    if (this.#hasOverflown) return false;
    if (this.#pending + eventBytes(event) <= this.#settings.maxPendingBytes) return true;
    this.#hasOverflown = true;
    throw new WriterOverflowError(this.#filename, this.#settings.maxPendingBytes);
  }

  #startTimer(): void {
    const timer = new AbortController();
    this.#timer = timer;
    systemClock.sleep(this.#settings.batchInterval, { signal: timer.signal }).then(
      () => this.#send(),
      () => {},
    );
  }

  #send(): void {
    this.#timer?.abort();
    this.#timer = undefined;
    const { events, transfer, bytes } = this.#batch.take();
    if (!this.#target || this.#failure || events.length === 0) return;
    const { thread, scan } = this.#target;
    thread.request(this.#filename, { type: "events", scan, events }, transfer).then(
      () => this.#written(bytes),
      (error: unknown) => this.#fail(error),
    );
  }

  #written(bytes: number): void {
    this.#pending -= bytes;
    if (this.#pending < this.#settings.pressureBytes / 2) this.#relieve();
  }

  #fail(error: unknown): void {
    if (this.#failure) return;
    this.#failure = { error };
    this.#timer?.abort();
    this.#relieve(); // who waits for room hears of the failure instead
    this.#context.fail(error);
  }

  #relieve(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}
