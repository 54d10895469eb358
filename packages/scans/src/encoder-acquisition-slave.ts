import { AcquisitionChannel, type AcquisitionContext, AcquisitionSlave } from "@beamtime/core";
import type { Axis, Encoder } from "@beamtime/motion";

/**
 * Reads the encoder of an axis at each trigger, also in flight, and emits what it measures as `encoder:<name>`, in user units of
 * the axis.
 */
export class EncoderAcquisitionSlave extends AcquisitionSlave {
  readonly #axis: Axis;
  readonly #channel: AcquisitionChannel;

  constructor(axis: Axis, encoder: Encoder) {
    super({ name: encoder.name, devices: [encoder] });
    this.#axis = axis;
    this.#channel = new AcquisitionChannel(`encoder:${encoder.name}`, "float64", [], { unit: axis.unit });
    this.channels.push(this.#channel);
  }

  prepare(): void {}

  start(): void {}

  override async trigger({ signal }: AcquisitionContext): Promise<void> {
    this.#channel.emit(await this.#axis.measuredPosition({ signal }));
  }

  stop(): void {}
}
