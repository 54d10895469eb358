import { type AcquisitionContext, AcquisitionSlave, type TriggerType } from "@beamtime/core";

/** A slave that notes when it is triggered, and is busy for a time after that. */
export class TriggerRecorder extends AcquisitionSlave {
  /** Of the clock, s. */
  readonly times: number[] = [];
  readonly #busyTime: number;

  constructor({ busyTime = 0, triggerType = "software" as TriggerType } = {}) {
    super({ name: "recorder", triggerType, prepareOnce: true, startOnce: true });
    this.#busyTime = busyTime;
  }

  prepare(): void {}

  start(): void {}

  override async trigger({ clock, signal }: AcquisitionContext): Promise<void> {
    this.times.push(clock.now());
    if (this.#busyTime > 0) await clock.sleep(this.#busyTime, { signal });
  }

  stop(): void {}
}
