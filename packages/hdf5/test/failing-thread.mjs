// Stands in for the writer's thread: says that it has a lock, and dies of the first message.
import { parentPort, workerData } from "node:worker_threads";

parentPort.on("message", () => {
  parentPort.postMessage({ type: "lock", filename: workerData.filename, isTaken: true });
  throw new Error("out of memory");
});
