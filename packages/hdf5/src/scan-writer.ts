import { systemClock } from "@beamtime/concurrency";
import type { ScanDevicesEvent, ScanEvent, ScanInfo } from "@beamtime/core";
import { entryLayouts } from "./entry-layout.js";
import { EntryWriter } from "./entry-writer.js";
import { finishLeftScans } from "./finish-scan.js";
import { type OpenFile, type OpenFiles, syncFile } from "./open-files.js";
import { type ScanDetails, scanDetails } from "./scan-details.js";
import { WriterError } from "./writer-error.js";

export interface ScanWriterOptions {
  readonly files: OpenFiles;
  /** Whether a finished scan is forced to the disk. */
  readonly fsync: boolean;
  readonly warn: (message: string) => void;
}

/** Writes the events of one scan into its file: an entry `N.1`, and `N.2`, … for further top masters. */
export class ScanWriter {
  readonly #options: ScanWriterOptions;
  readonly #entries: EntryWriter[] = [];
  #file: OpenFile | undefined;
  #isEnded = false;
  #number = 0;
  #time = 0;
  #info: ScanInfo = {};
  #details: ScanDetails = scanDetails({});

  constructor(options: ScanWriterOptions) {
    this.#options = options;
  }

  /** The file, from the first event until `close`. */
  get file(): OpenFile | undefined {
    return this.#file;
  }

  /** @throws WriterError when it cannot be written; the file is then still to be closed */
  write(event: ScanEvent): void {
    switch (event.type) {
      case "created":
        this.#learn(event.info);
        this.#number = event.identity.number;
        this.#time = event.time;
        this.#create(event.identity.filename);
        break;
      case "devices":
        this.#describe(event);
        break;
      case "prepared":
        this.#learn(event.info);
        for (const entry of this.#entries) entry.prepare(this.#details, this.#info);
        this.#flush();
        break;
      case "data":
        this.#entries.find((entry) => entry.has(event.channel))?.append(event);
        break;
      case "info":
        this.#learn(event.changes);
        break;
      case "ended":
        this.#learn(event.info);
        for (const entry of this.#entries) entry.end(this.#details, this.#info, event);
        this.#end();
        break;
      case "state":
      case "deviceEnd":
      case "warning":
        return;
    }
    if (this.#file) this.#file.isDirty = true;
  }

  /** Writes points that are held back for their chunk. */
  writeHeld(): void {
    for (const entry of this.#entries) entry.writeHeld();
    if (this.#file) this.#file.isDirty = true;
  }

  /** @throws WriterError when there is too little room on the disk to go on */
  checkSpace(): void {
    if (this.#file) this.#options.files.checkSpace(this.#file);
  }

  /** Completes what there is of a scan that cannot go on. */
  fail(): void {
    if (this.#isEnded) return;
    for (const entry of this.#entries) {
      entry.end(this.#details, this.#info, { time: systemClock.epoch(), reason: "FAILURE" });
    }
    this.#end();
  }

  /** Hands everything to the operating system. */
  flush(): void {
    this.writeHeld();
    this.#flush();
  }

  /** Gives the file back; closing twice is fine. */
  close(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file) this.#options.files.release(file);
  }

  #learn(info: ScanInfo): void {
    this.#info = { ...this.#info, ...info };
    this.#details = scanDetails(this.#info);
  }

  #create(filename: string): void {
    this.#file = this.#options.files.use(filename);
    this.checkSpace();
    finishLeftScans(this.#options.files, this.#file);
    const { h5 } = this.#file;
    const names = h5.names("/");
    const taken = names.find((name) => name.startsWith(`${this.#number}.`));
    if (taken !== undefined) {
      throw new WriterError(
        filename,
        `holds a scan ${this.#number} already (entry ${taken}), which is kept; ` +
          "take a higher scan number or another file",
      );
    }
    const { publisher, publisher_version } = this.#details;
    if (names.length === 0) {
      if (publisher) h5.attribute("/", "publisher", publisher);
      if (publisher_version) h5.attribute("/", "publisher_version", publisher_version);
    }
    this.#addEntry(this.#file);
    this.#flush();
  }

  #addEntry({ h5 }: OpenFile): EntryWriter {
    const path = `/${this.#number}.${this.#entries.length + 1}`;
    const entry = new EntryWriter(h5, path, { details: this.#details, time: this.#time, warn: this.#options.warn });
    this.#entries.push(entry);
    return entry;
  }

  #describe(event: ScanDevicesEvent): void {
    const file = this.#file;
    if (!file) return;
    entryLayouts(event).forEach((layout, index) => {
      const entry = this.#entries[index] ?? this.#addEntry(file);
      entry.describe(layout);
    });
  }

  #end(): void {
    this.#isEnded = true;
    const file = this.#file;
    const first = this.#entries[0];
    if (!file || !first) return;
    file.h5.attribute("/", "default", first.path.slice(1));
    this.#flush();
    if (this.#options.fsync) syncFile(file.h5.filename);
  }

  #flush(): void {
    if (!this.#file) return;
    this.#file.h5.flush();
    this.#file.isDirty = false;
  }
}
