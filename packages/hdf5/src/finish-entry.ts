import { systemClock, within } from "@beamtime/concurrency";
import { ArgumentError } from "@beamtime/errors";
import type { UnfinishedScan } from "./finish-scan.js";
import { WriterError } from "./writer-error.js";
import { WriterThread } from "./writer-thread.js";

export interface FinishEntryOptions extends UnfinishedScan {
  /** Seconds after which the file is given up. Default 30. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Room, in bytes, that the disk is to have. */
const minFreeBytes = 2 ** 20;

/**
 * Completes the entry `12.1` of a scan whose process has died, and its further ones (`12.2`, …): `end_time`,
 * `end_reason` FAILURE, `writer/status` FAILED. Points that were not flushed are lost, and there is no default plot. A
 * thread of its own does it: nothing that is wrong with the file holds up the caller.
 *
 * @returns whether it did: false for an entry that has its end, or was never begun
 * @throws WriterError when a living process writes the file, when the file cannot be read, which then stays as it is,
 *   or when it takes too long
 * @throws ArgumentError when the entry is not of the form `12.1`; the signal's reason
 */
export async function finishEntry({ timeout = 30, signal, ...scan }: FinishEntryOptions): Promise<boolean> {
  const { filename, entry } = scan;
  if (!/^\d+\.\d+$/.test(entry)) throw new ArgumentError("entry", `'${entry}' is no entry; expected e.g. '12.1'`);
  signal?.throwIfAborted();
  const thread = new WriterThread({ flushInterval: 3600, fsync: true, minFreeBytes }, () => {});
  try {
    const late = (): Error =>
      new WriterError(filename, `the end of the entry ${entry} could not be written within ${timeout} s`);
    const finished = thread.request(filename, { type: "finish", ...scan });
    return (await within(timeout, finished, { clock: systemClock, signal, late })) === true;
  } finally {
    await thread.kill("it was completed");
  }
}
