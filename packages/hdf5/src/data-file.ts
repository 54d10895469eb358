import { stat } from "node:fs/promises";
import { systemClock } from "@beamtime/concurrency";
import type { WorkerRequest } from "./writer-message.js";
import { WriterThread } from "./writer-thread.js";

/** A file can be in the middle of a flush: it is tried this often, so many seconds apart. */
const attempts = 3;
const pause = 0.1;

/**
 * The largest number among the scans of a data file, 0 when there is no such file: a session that lost its counter
 * goes on from there.
 *
 * @throws WriterError when the file cannot be read
 */
export async function lastScanNumber(filename: string): Promise<number> {
  const size = await stat(filename).then(
    (file) => file.size,
    () => 0,
  );
  if (size === 0) return 0;
  return Number(await ask({ type: "lastScanNumber", filename }));
}

/**
 * Prints what a data file holds: `name/` is a group, `name [type shape] value` a dataset, `->` a soft link, `=>` an
 * external one, `@` an attribute. Long values are cut, those of more than 12 elements left out.
 *
 * @throws WriterError when the file cannot be read
 */
export async function readFileTree(filename: string): Promise<string> {
  return String(await ask({ type: "tree", filename }));
}

/** Asks a thread of its own, each time: HDF5 would block this one, and keeps what it has read wrongly. */
async function ask(request: WorkerRequest & { readonly filename: string }): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    const thread = new WriterThread({ flushInterval: 3600, fsync: false, minFreeBytes: 0 }, () => {});
    try {
      return await thread.request(request.filename, request);
    } catch (error) {
      if (attempt === attempts) throw error;
    } finally {
      await thread.kill("it was read");
    }
    await systemClock.sleep(pause);
  }
}
