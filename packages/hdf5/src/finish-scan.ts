import { statSync } from "node:fs";
import type { H5File } from "./h5-file.js";
import { isoTime } from "./iso-time.js";
import { type OpenFile, type OpenFiles, syncFile } from "./open-files.js";
import { WriterError } from "./writer-error.js";

/** The scan to be completed, by one of its entries. */
export interface UnfinishedScan {
  readonly filename: string;
  /** `12.1` */
  readonly entry: string;
  /** Seconds since 1970. */
  readonly endTime: number;
}

/**
 * Completes the entries of a scan whose writer has died: all of them, one per top master. What is there stays.
 *
 * @returns whether there was anything to complete
 * @throws WriterError when the file is written by somebody, or cannot be read or written; what cannot be read is left alone
 */
export function finishScan(files: OpenFiles, { filename, entry, endTime }: UnfinishedScan): boolean {
  const size = statSync(filename, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return false; // nothing was ever flushed
  const file = files.use(filename);
  try {
    const prefix = entry.slice(0, entry.indexOf(".") + 1);
    return finishEntries(files, file, (name) => name.startsWith(prefix), endTime);
  } finally {
    files.release(file);
  }
}

/**
 * Completes the entries of all scans that a process has left which died while it wrote the file: since nobody else writes
 * it, they are those without an end. They end with the last flush.
 *
 * @throws WriterError when it left the file damaged, or there is no room
 */
export function finishLeftScans(files: OpenFiles, file: OpenFile): void {
  const { leftAt, h5 } = file;
  if (leftAt === undefined) return;
  file.leftAt = undefined;
  try {
    finishEntries(files, file, (name) => /^\d+\.\d+$/.test(name) && h5.isGroup(`/${name}`), leftAt);
  } catch (error) {
    if (!(error instanceof WriterError && h5.isBroken)) throw error;
    const what = `the process that wrote it last has died and left it damaged (${error.reason}): save elsewhere`;
    throw new WriterError(h5.filename, what, { cause: error });
  }
}

function finishEntries(files: OpenFiles, file: OpenFile, isMeant: (name: string) => boolean, endTime: number): boolean {
  const { h5 } = file;
  const entries = h5.names("/").filter(isMeant);
  const unfinished = entries.map((name) => `/${name}`).filter((path) => !h5.has(`${path}/end_time`));
  const [first] = unfinished;
  if (first === undefined) return false;
  files.checkSpace(file);
  for (const path of unfinished) visit(h5, path);
  for (const path of unfinished) complete(h5, path, endTime);
  h5.attribute("/", "default", first.slice(1));
  h5.flush();
  syncFile(h5.filename);
  return true;
}

/** Reads the structure of a group, which fails if the writer died in the middle of a flush that did not leave it whole. */
function visit(h5: H5File, path: string): void {
  if (!h5.isGroup(path)) return;
  for (const name of h5.names(path)) visit(h5, `${path}/${name}`);
}

function complete(h5: H5File, path: string, endTime: number): void {
  if (!h5.has(`${path}/end_reason`)) h5.text(`${path}/end_reason`, "FAILURE");
  if (h5.names(path).includes("writer") && h5.has(`${path}/writer/status`)) {
    h5.writeTexts(`${path}/writer/status`, ["FAILED"]);
  }
  h5.text(`${path}/end_time`, isoTime(endTime)); // last: it tells that the rest is there
}
