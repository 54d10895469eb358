import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { type Deferred, deferred, systemClock } from "@beamtime/concurrency";
import { errorMessage } from "@beamtime/errors";
import { thisProcess, unlockFile } from "./file-lock.js";
import { WriterError } from "./writer-error.js";
import type { Failure, WorkerMessage, WorkerReply, WorkerRequest, WorkerSettings } from "./writer-message.js";

/** Longest time, in seconds, that the end of a thread is waited for: one that is stuck in the disk cannot be ended. */
const longestEnd = 2;

/** What a scan hears from the thread that writes it. */
export interface ThreadScan {
  readonly filename: string;
  /** Sends what waits for more to go along. */
  send(): void;
  failed(error: WriterError): void;
  warn(message: string): void;
}

/** The other side of a worker thread: requests go out, answers come back in order. */
export class WriterThread {
  readonly #worker: Worker;
  readonly #pending = new Map<number, { readonly filename: string; readonly answer: Deferred<unknown> }>();
  readonly #scans = new Map<number, ThreadScan>();
  readonly #locks = new Set<string>();
  readonly #onBroken: () => void;
  #lastId = 0;
  #ended: string | undefined;

  /**
   * @param onBroken called when HDF5 has failed in this thread, or the thread has ended: new scans shall use another one
   * @param script the program of the thread
   */
  constructor(
    settings: Omit<WorkerSettings, "pid" | "host" | "started">,
    onBroken: () => void,
    script = createRequire(import.meta.url).resolve("@beamtime/hdf5/writer-worker"),
  ) {
    const workerData: WorkerSettings = { ...settings, ...thisProcess() };
    this.#onBroken = onBroken;
    this.#worker = new Worker(script, { workerData, name: "beamtime-hdf5", execArgv: [] });
    this.#worker.on("message", (reply: WorkerReply) => this.#hear(reply));
    // The exit comes after every message of the thread, a failure possibly before the last ones: no lock is missed.
    let failure: string | undefined;
    this.#worker.on("error", (error) => {
      failure = `its thread failed: ${errorMessage(error)}`;
    });
    this.#worker.on("exit", (code) => {
      this.#end(failure ?? `its thread ended with code ${code}`);
      this.#unlock();
    });
    this.#worker.unref();
  }

  /** Scans that use the thread. */
  get scans(): number {
    return this.#scans.size;
  }

  attach(scan: number, listener: ThreadScan): void {
    this.#scans.set(scan, listener);
    this.#worker.ref();
  }

  detach(scan: number): void {
    this.#scans.delete(scan);
    this.#rest();
  }

  /** Asks the thread. @throws WriterError when it refuses, or ends before it has answered */
  request(filename: string, request: WorkerRequest, transfer: readonly ArrayBuffer[] = []): Promise<unknown> {
    if (this.#ended !== undefined) return Promise.reject(new WriterError(filename, this.#ended));
    const id = ++this.#lastId;
    const answer = deferred<unknown>();
    this.#pending.set(id, { filename, answer });
    this.#worker.ref();
    const message: WorkerMessage = { ...request, id };
    this.#worker.postMessage(message, transfer);
    return answer.promise;
  }

  /** Lets the thread write all that its scans have told, and close its files. */
  async closeFiles(): Promise<void> {
    for (const scan of this.#scans.values()) scan.send();
    await this.request("", { type: "closeAll" });
  }

  /** Ends the thread, whatever it does; its scans and requests fail with the reason, its locks are given back. */
  async kill(reason: string): Promise<void> {
    this.#end(reason);
    const waiting = new AbortController();
    const timeout = systemClock.sleep(longestEnd, { signal: waiting.signal }).catch(() => {});
    await Promise.race([this.#worker.terminate(), timeout]);
    waiting.abort();
  }

  #hear(reply: WorkerReply): void {
    switch (reply.type) {
      case "done":
        this.#answer(reply.id)?.resolve(reply.value);
        break;
      case "refused":
        this.#answer(reply.id)?.reject(errorOf(reply.failure));
        break;
      case "failed":
        if (reply.isBroken) this.#onBroken();
        this.#scans.get(reply.scan)?.failed(errorOf(reply.failure));
        break;
      case "warning":
        this.#scans.get(reply.scan)?.warn(reply.message);
        break;
      case "lock":
        if (reply.isTaken) this.#locks.add(reply.filename);
        else this.#locks.delete(reply.filename);
        break;
    }
  }

  #answer(id: number): Deferred<unknown> | undefined {
    const answer = this.#pending.get(id)?.answer;
    this.#pending.delete(id);
    this.#rest();
    return answer;
  }

  /** A thread that has nothing to do does not keep the process alive. */
  #rest(): void {
    if (this.#pending.size === 0 && this.#scans.size === 0) this.#worker.unref();
  }

  #end(reason: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = `cannot be written any more: ${reason}`;
    this.#onBroken();
    this.#unlock();
    for (const { filename, answer } of this.#pending.values()) answer.reject(new WriterError(filename, this.#ended));
    this.#pending.clear();
    for (const scan of this.#scans.values()) scan.failed(new WriterError(scan.filename, this.#ended));
    this.#rest();
  }

  #unlock(): void {
    for (const filename of this.#locks) unlockFile(filename);
    this.#locks.clear();
  }
}

function errorOf({ filename, reason, cause }: Failure): WriterError {
  return new WriterError(filename, reason, cause === undefined ? undefined : { cause });
}
