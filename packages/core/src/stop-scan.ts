/**
 * Throw it in a watchdog, a preset or an acquisition object to end the scan normally and at once: devices are stopped,
 * the data is kept, the state becomes DONE and `scan.run` does not throw. Also exported as `StopIteration`.
 */
export class StopScan extends Error {
  override readonly name = "StopScan";

  constructor(message = "the scan was stopped") {
    super(message);
  }
}
