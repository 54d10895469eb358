import { Gate } from "@beamtime/concurrency";
import type { AcquisitionContext } from "@beamtime/core";
import type { Axis } from "@beamtime/motion";
import { EncoderAcquisitionSlave } from "./encoder-acquisition-slave.js";

/**
 * Reads the encoders of axes where hardware triggers the counters, as fast as it likes: nobody waits for an encoder. Where one has not
 * answered before the next trigger, the points of the triggers that came meanwhile are NaN.
 */
export class HurriedEncoderAcquisitionSlave extends EncoderAcquisitionSlave {
  /** Open while there is a trigger to answer. */
  readonly #due = new Gate();
  #triggered = 0;
  #emitted = 0;
  #isStopped = false;

  constructor(axes: readonly Axis[], npoints: number) {
    super(axes, { npoints, prepareOnce: true, startOnce: true });
  }

  override trigger(): void {
    this.#triggered++;
    this.#due.open();
  }

  override async reading(context: AcquisitionContext): Promise<void> {
    while (this.#emitted < this.npoints) {
      await this.#due.wait(context);
      if (this.#isStopped) return;
      const point = this.#triggered;
      this.#skip(point - 1);
      await this.measure(context);
      this.#emitted = point;
      this.#skip(this.#triggered);
      if (!this.#isStopped) this.#due.close();
    }
  }

  override stop(): void {
    this.#isStopped = true;
    this.#due.open();
  }

  /** Makes up the points until there are so many. */
  #skip(until: number): void {
    if (until === this.#emitted) return;
    for (const channel of this.channels) channel.emit(new Float64Array(until - this.#emitted).fill(Number.NaN));
    this.#emitted = until;
  }
}
