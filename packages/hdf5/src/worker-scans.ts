import { errorMessage } from "@beamtime/errors";
import { fileTree, readFile } from "./file-tree.js";
import { finishScan } from "./finish-scan.js";
import type { Hdf5Library } from "./hdf5-library.js";
import { lastEntryNumber } from "./names.js";
import { type OpenFile, OpenFiles } from "./open-files.js";
import { ScanWriter } from "./scan-writer.js";
import { treeText } from "./tree-text.js";
import { WriterError } from "./writer-error.js";
import type { Failure, WorkerMessage, WorkerReply, WorkerRequest, WorkerSettings } from "./writer-message.js";

/** Longest time, in seconds, that points of compressed data wait for their chunk to be full. */
const longestHold = 3;

/** The worker's side: all the scans that are being written, and what becomes of the messages. */
export class WorkerScans {
  readonly #library: Hdf5Library;
  readonly #settings: WorkerSettings;
  readonly #reply: (reply: WorkerReply) => void;
  readonly #files: OpenFiles;
  readonly #scans = new Map<number, { readonly writer: ScanWriter; failure?: WriterError }>();
  #sinceHeld = 0;

  constructor(library: Hdf5Library, settings: WorkerSettings, reply: (reply: WorkerReply) => void) {
    this.#library = library;
    this.#settings = settings;
    this.#reply = reply;
    this.#files = new OpenFiles(library, settings, (filename, isTaken) => reply({ type: "lock", filename, isTaken }));
  }

  /** Does what a message asks, and answers. */
  handle({ id, ...request }: WorkerMessage): void {
    try {
      this.#reply({ type: "done", id, value: this.#do(request) });
    } catch (error) {
      this.#reply({ type: "refused", id, failure: failureOf(error, "") });
    }
  }

  /** To be called every `flushInterval`. */
  tick(): void {
    this.#sinceHeld += this.#settings.flushInterval;
    if (this.#sinceHeld >= longestHold) {
      this.#sinceHeld = 0;
      for (const [scan, { writer, failure }] of this.#scans) {
        if (!failure) this.#attempt(scan, () => writer.writeHeld());
      }
    }
    for (const [scan, { writer, failure }] of this.#scans) {
      if (!failure) this.#attempt(scan, () => writer.checkSpace());
    }
    this.#files.flush((file, error) => this.#failFile(file, error));
  }

  #do(request: WorkerRequest): unknown {
    switch (request.type) {
      case "events":
      case "flush": {
        const { writer, failure } = this.#scan(request.scan);
        if (failure) throw failure;
        const error = this.#attempt(request.scan, () => {
          if (request.type === "flush") writer.flush();
          else for (const event of request.events) writer.write(event);
        });
        if (error) throw error;
        return undefined;
      }
      case "close":
        return this.#close(request.scan);
      case "closeAll":
        for (const scan of [...this.#scans.keys()]) this.#close(scan);
        return undefined;
      case "lastScanNumber":
        return lastEntryNumber(readFile(this.#library, request.filename, (file) => file.keys()));
      case "tree":
        return treeText(fileTree(this.#library, request.filename));
      case "finish":
        return finishScan(this.#files, request);
    }
  }

  #scan(scan: number): { readonly writer: ScanWriter; failure?: WriterError } {
    let entry = this.#scans.get(scan);
    if (!entry) {
      const warn = (message: string): void => this.#reply({ type: "warning", scan, message });
      entry = { writer: new ScanWriter({ files: this.#files, fsync: this.#settings.fsync, warn }) };
      this.#scans.set(scan, entry);
    }
    return entry;
  }

  #close(scan: number): void {
    const writer = this.#scans.get(scan)?.writer;
    this.#scans.delete(scan);
    writer?.close();
  }

  /** Does something for a scan; if that fails, the scan is over, with all scans of its file if it was HDF5 that failed. */
  #attempt(scan: number, action: () => void): WriterError | undefined {
    const entry = this.#scans.get(scan);
    try {
      action();
      return undefined;
    } catch (error) {
      const file = entry?.writer.file;
      if (file && isBroken(file, error)) this.#failFile(file, error);
      else this.#fail(scan, error, false);
      return this.#scans.get(scan)?.failure;
    }
  }

  #failFile(file: OpenFile, error: unknown): void {
    for (const [scan, { writer, failure }] of this.#scans) {
      if (writer.file === file && !failure) this.#fail(scan, error, true);
    }
  }

  #fail(scan: number, error: unknown, isBroken: boolean): void {
    const entry = this.#scans.get(scan);
    if (!entry) return;
    const failure = failureOf(error, entry.writer.file?.h5.filename ?? "");
    entry.failure = new WriterError(failure.filename, failure.reason, { cause: failure.cause });
    this.#reply({ type: "failed", scan, failure, isBroken });
    try {
      if (!isBroken) entry.writer.fail();
    } catch {
      // it was reported that the scan cannot be written
    }
    try {
      entry.writer.close();
    } catch {
      // closing flushes, which fails for the same reason
    }
  }
}

/** Whether the state of the file, or of the library, is unknown after an error. */
function isBroken(file: OpenFile, error: unknown): boolean {
  return file.h5.isBroken || !(error instanceof WriterError);
}

function failureOf(error: unknown, filename: string): Failure {
  if (error instanceof WriterError) {
    return { filename: error.filename, reason: error.reason, cause: plain(error.cause) };
  }
  return { filename, reason: `the writer failed: ${errorMessage(error)}`, cause: plain(error) };
}

/** An error as it can be sent to another thread. */
function plain(cause: unknown): Error | undefined {
  return cause === undefined ? undefined : new Error(errorMessage(cause));
}
