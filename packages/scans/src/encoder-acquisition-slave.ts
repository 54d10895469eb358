import {
  AcquisitionChannel,
  type AcquisitionContext,
  type AcquisitionObjectOptions,
  AcquisitionSlave,
} from "@beamtime/core";
import type { Axis } from "@beamtime/motion";

/**
 * Reads the encoders of axes at each trigger, also in flight, and emits what they measure as `encoder:<name>`, in user units of
 * the axes.
 */
export class EncoderAcquisitionSlave extends AcquisitionSlave {
  readonly #axes: readonly Axis[];

  /** @param axes those without an encoder are left out */
  constructor(axes: readonly Axis[], options: Omit<AcquisitionObjectOptions, "name" | "devices"> = {}) {
    const measured = axes.flatMap((axis) => (axis.encoder ? [{ axis, encoder: axis.encoder }] : []));
    super({ name: "encoder", devices: measured.map(({ encoder }) => encoder), ...options });
    this.#axes = measured.map(({ axis }) => axis);
    for (const { axis, encoder } of measured) {
      this.channels.push(new AcquisitionChannel(`encoder:${encoder.name}`, "float64", [], { unit: axis.unit }));
    }
  }

  prepare(): void {}

  start(): void {}

  override trigger(context: AcquisitionContext): void | Promise<void> {
    return this.measure(context);
  }

  stop(): void {}

  /** One point of each. */
  protected async measure({ signal }: AcquisitionContext): Promise<void> {
    const measure = async (axis: Axis, index: number): Promise<void> => {
      this.channels[index]?.emit(await axis.measuredPosition({ signal }));
    };
    await Promise.all(this.#axes.map(measure));
  }
}
