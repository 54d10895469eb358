import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "@beamtime/concurrency";
import { hdf5Library } from "./hdf5-library.js";
import { WorkerScans } from "./worker-scans.js";
import type { WorkerMessage, WorkerReply, WorkerSettings } from "./writer-message.js";

/** The thread that writes: HDF5 is synchronous, and a slow disk would stop everything else. */
async function main(): Promise<void> {
  const port = parentPort;
  if (!port) throw new Error("this module is for a worker thread of @beamtime/hdf5");
  // started by writer-thread.ts only, which sends nothing else
  const settings = workerData as WorkerSettings;
  const scans = new WorkerScans(await hdf5Library(), settings, (reply: WorkerReply) => port.postMessage(reply));
  port.on("message", (message: WorkerMessage) => scans.handle(message));
  for (;;) {
    await systemClock.sleep(settings.flushInterval);
    scans.tick();
  }
}

await main();
